// SPDX-License-Identifier: Apache-2.0
// The story an operator lives through: a run failed at night. Find it, understand it, mend it, prove it.
import assert from 'node:assert/strict';
import { settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();

it('a run that failed at night is found, understood, mended, and proven in the ledger', async (w, page) => {
  // Night: the other system refuses the name.
  await w.refuse_items();
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  const [dead] = await w.dead_letters();

  // Find it: the navigation says that somebody is waited for.
  await show(page, '#/');
  await page.getByRole('navigation').getByRole('link', { name: /Dead letters/ }).click();
  await page.getByRole('heading', { level: 2 }).filter({ hasText: 'already exists' }).waitFor();

  // Understand it: the run, its failed step, what was sent.
  await page.getByRole('link', { name: /View 1 run/ }).click();
  await settled(page);
  await page.locator(`a[href="#/runs/${dead.id}"]`).first().click();
  await settled(page);
  await page.getByText('already exists').first().waitFor();
  await page.getByText(dead.failed_step).first().waitFor();

  // Mend it: another name; what does not fit is said at its field, before anything is sent.
  await show(page, `#/dead-letters/edit/${dead.id}`);
  const name = page.getByLabel('Name', { exact: true });
  const old = await name.inputValue();
  await name.fill('');
  await page.locator('.field-problem').first().waitFor();
  const save = page.getByRole('button', { name: 'Save and retry this run' });
  assert.equal(await save.isDisabled(), true);
  await name.fill(`${old} (2)`);
  await page.getByRole('list', { name: 'Changes' }).getByText(`${old} (2)`).waitFor();
  await page.getByRole('button', { name: 'Validate' }).click();
  await page.getByText('Valid: the host accepts this change.').waitFor();
  assert.equal((await w.api(`/api/v1/runs/${dead.id}`)).state, 'failed', 'a check changes nothing');
  await save.click();
  await until(async () => (await w.api(`/api/v1/runs/${dead.id}`)).state === 'succeeded', 'the run');
  await page.getByRole('navigation').getByLabel('1 dead letter').waitFor({ state: 'detached' });

  // Prove it: who changed it, and what was written.
  await show(page, '#/ledger');
  const person = page.getByRole('row').filter({ hasText: 'test-admin' }).filter({ hasText: 'editRun' });
  await person.first().waitFor();
  await page.getByRole('row').filter({ hasText: 'nodes.create_url' }).first().waitFor();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText('Unchanged').waitFor();
  const created = await w.api(`/api/v1/ledger?run=${dead.id}`);
  assert.ok(created.entries.some((e) => e.operation === 'nodes.create_url' && e.outcome === 'done'));
});
