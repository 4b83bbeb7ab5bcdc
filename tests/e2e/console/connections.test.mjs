// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();
const dialog = (page) => page.getByRole('dialog');

it('connections are listed with how they are, and found by name', async (w, page) => {
  await show(page, '#/connections');
  await page.getByRole('heading', { name: 'iconik', exact: true }).waitFor();
  await page.getByRole('searchbox').fill('otc');
  await page.getByRole('heading', { name: 'iconik', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('searchbox').fill('nothing has this name');
  await page.getByText('No connection matches').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('heading', { name: 'otcs', exact: true }).waitFor();
});

it('one connection tells its limits, triggers, users, and no secret', async (w, page) => {
  await show(page, '#/connections/iconik');
  await page.getByRole('heading', { name: 'Limits' }).waitFor();
  await page.getByRole('link', { name: 'campaigns', exact: true }).waitFor();
  await page.getByRole('region', { name: 'Trigger changes' }).getByText('Listening').waitFor();
  assert.equal((await page.content()).includes('sandbox-integration-token'), false);
  await page.getByRole('link', { name: 'Inputs and outputs' }).click();
  await page.getByRole('heading', { level: 1, name: /iconik/i }).waitFor();
});

it('a test asks the system, and tells what it found', async (w, page) => {
  await show(page, '#/connections/otcs');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('Test passed: the system responds.').waitFor();
});

it('a connection is paused with a reason and resumed; a run waits for it meanwhile', async (w, page) => {
  await show(page, '#/connections/otcs');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const pause = dialog(page).getByRole('button', { name: 'Pause' });
  assert.equal(await pause.isDisabled(), true);
  await dialog(page).getByLabel(/Reason/).fill('migration until 18:00');
  await pause.click();
  await page.getByText('migration until 18:00').first().waitFor();
  await page.getByText('Paused', { exact: true }).first().waitFor();
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await until(async () => (await w.runs('waiting')).some((r) => r.held_by === 'otcs'), 'a held run');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Healthy', { exact: true }).first().waitFor();
  await until(async () => (await w.runs('succeeded')).length > 0, 'the run');
  const { entries } = await w.api('/api/v1/ledger?actor=test-admin&order=desc');
  assert.deepEqual(entries.map((e) => e.operation).filter((o) => /ause|esume/.test(o)).slice(0, 2),
    ['admin:resumeConnection', 'admin:pauseConnection']);
});

it('a backfill brings what was there before, and can be called off', async (w, page) => {
  await show(page, '#/connections/iconik');
  const trigger = page.getByRole('region', { name: 'Trigger changes' });
  await trigger.getByRole('button', { name: 'Run backfill' }).click();
  await dialog(page).getByLabel('Events per second').fill('0');
  assert.equal(await dialog(page).getByRole('button', { name: 'Start backfill' }).isDisabled(), true);
  // A system that is away for a moment keeps it under way.
  await w.fault('iconik', { path: '/API/search/v1/search/', status: 503, count: 0 });
  await dialog(page).getByLabel('Events per second').fill('1');
  await dialog(page).getByRole('button', { name: 'Start backfill' }).click();
  await trigger.getByRole('button', { name: 'Pause backfill' }).click();
  await trigger.getByRole('button', { name: 'Resume backfill' }).click();
  await trigger.getByRole('button', { name: 'Cancel backfill' }).click();
  await dialog(page).getByRole('button', { name: 'Cancel backfill' }).click();
  await trigger.getByText('cancelled', { exact: true }).waitFor();
  await w.clear_faults('iconik');
  await trigger.getByRole('button', { name: 'Run backfill again' }).click();
  await dialog(page).getByLabel('Events per second').fill('1000');
  await dialog(page).getByRole('button', { name: 'Start backfill' }).click();
  await trigger.getByText('done', { exact: true }).waitFor();
});

it('a system that is away opens the breaker: the page says so while it is open, and when it is well again', async (w, page) => {
  await show(page, '#/connections/otcs');
  await w.fault('otcs', { path: '**', status: 503, count: 0 });
  await page.getByText('Circuit breaker open').first().waitFor();
  await page.getByText(/next probe in|probe due/).first().waitFor();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByRole('alert').or(page.getByText('Test failed.')).first().waitFor();
  await w.clear_faults('otcs');
  await page.getByText('Healthy', { exact: true }).first().waitFor();
});

it('a connection that is not configured is said so', async (w, page) => {
  await show(page, '#/connections/nobody');
  await page.getByRole('alert').waitFor();
});
