// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { show, sign_in } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';

const it = browser_tests();

it('a wrong token is refused and a right one lets in; signing out ends it', async (w, page) => {
  await page.goto(w.url);
  await page.getByLabel('Token', { exact: true }).fill('mrt_not_a_token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('Unknown or expired token').waitFor();
  await sign_in(page, await w.token_of('viewer', 'ruth'));
  await page.getByText('ruth', { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.cookie), '', 'the session is no business of scripts');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
}, { as: 'nobody' });

it('a session outlives a reload of the page', async (w, page) => {
  await page.reload();
  await page.locator('main#content h1').first().waitFor();
});

it('the code of `mortise console` signs in once', async (w, page, open) => {
  const { code, url } = await w.api('/api/v1/session/codes', 'POST', {});
  assert.ok(url.includes(code));
  await page.goto(url);
  await page.locator('main#content h1').first().waitFor();
  const other = await open();
  await other.goto(url);
  await other.getByRole('alert').getByText('A code works once').waitFor();
}, { as: 'nobody' });

it('a viewer looks at everything, changes nothing, and is told why', async (w, page) => {
  await w.refuse_items();
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await w.dead_letters();
  await show(page, '#/dead-letters');
  const retry = page.locator('.cause').first().getByRole('button', { name: /Retry all/ });
  assert.equal(await retry.isDisabled(), true);
  await page.getByText('This needs the role operator; you are signed in as viewer.').first().waitFor();
  await show(page, '#/connections/otcs');
  assert.equal(await page.getByRole('button', { name: 'Pause' }).isDisabled(), true);
  await show(page, '#/settings');
  assert.equal(await page.getByRole('button', { name: 'Reload configuration' }).isDisabled(), true);
  await show(page, '#/settings/tokens');
  await page.getByText('This needs the role admin').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Create token' }).count(), 0);
  // The host refuses it as well, whatever a page offers.
  const status = await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    return (await fetch('/api/v1/connections/otcs/pause', {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: '{"reason":"no"}',
    })).status;
  });
  assert.equal(status, 403);
}, { as: 'viewer' });

it('an operator may pause a connection, not reload', async (w, page) => {
  await show(page, '#/settings');
  assert.equal(await page.getByRole('button', { name: 'Reload configuration' }).isDisabled(), true);
  await show(page, '#/connections/otcs');
  assert.equal(await page.getByRole('button', { name: 'Pause' }).isDisabled(), false);
}, { as: 'operator' });

it('a token is made, shown once, used, and revoked', async (w, page, open) => {
  await show(page, '#/settings/tokens');
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('Name', { exact: false }).fill('night.shift');
  await page.getByLabel('Role', { exact: true }).selectOption('operator');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  const token = await page.locator('[data-token]').innerText();
  assert.match(token, /^mrt_/);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /night\.shift/ }).waitFor();
  assert.equal(await page.getByText(token).count(), 0);

  const other = await open({ as: 'nobody' });
  await other.goto(w.url);
  await sign_in(other, token);
  await show(other, '#/connections');

  await page.getByRole('button', { name: 'Revoke', exact: true }).and(page.getByTitle('Revoke night.shift')).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('row', { name: /night\.shift/ }).waitFor({ state: 'detached' });
  await other.evaluate(() => { location.hash = '#/plugins'; });
  await other.getByRole('button', { name: 'Sign in' }).waitFor();
});

it('a token that has a name already is refused with the reason', async (w, page) => {
  await show(page, '#/settings/tokens');
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('Name', { exact: false }).fill('test-admin');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
});
