// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests({ probe: true });

let made = 0;
const stored = (w) => w.send(`poster-${++made}`, [{ do: 'store', name: `poster ${made}`, count: made }]);
// So many dead letters of one cause: objects that were refused.
async function refused(w, n = 1) {
  const before = (await w.runs('failed,in_doubt')).map((r) => r.id);
  w.refusing = n;
  for (let i = 0; i < n; ++i) await stored(w);
  return (await w.dead_letters(before.length + n)).filter((r) => !before.includes(r.id));
}
const dialog = (page) => page.getByRole('dialog');

it('a host without dead letters says so', async (w, page) => {
  await show(page, '#/dead-letters');
  await page.getByText('No run needs a decision.').waitFor();
  await show(page, '#/dead-letters/jobs');
  await page.getByText('No bulk job yet').waitFor();
  await show(page, '#/dead-letters/0123456789abcdef');
  await page.getByText('No run with this cause is left').waitFor();
  await show(page, '#/dead-letters/edit/01900000-0000-7000-8000-000000000000');
  await page.getByRole('alert').waitFor();
});

it('runs of one cause stand together and go on together, with progress', async (w, page) => {
  const dead = await refused(w, 2);
  const cause = dead[0].fingerprint;
  assert.equal(dead[1].fingerprint, cause);
  await show(page, '#/dead-letters');
  await page.getByText('2 failed').waitFor();
  await page.getByRole('link', { name: 'View 2 runs' }).click();
  await settled(page);
  const rows = page.getByRole('grid', { name: 'Runs of this cause' }).getByRole('row');
  await until(async () => (await rows.count()) === 3, 'the head and two rows');
  await page.getByRole('button', { name: 'Retry all' }).click();
  await dialog(page).getByLabel('Runs per second').fill('no number');
  await dialog(page).getByText('a number above 0').waitFor();
  assert.equal(await dialog(page).getByRole('button', { name: /^Retry/ }).isDisabled(), true);
  await dialog(page).getByLabel('Runs per second').fill('100');
  await dialog(page).getByRole('button', { name: 'Retry 2 runs' }).click();
  await page.getByText('2 of 2 runs').waitFor();
  await page.locator('.job').getByText('done', { exact: true }).waitFor();
  await until(async () => (await w.runs('failed')).length === 0, 'the runs');
  await show(page, '#/dead-letters');
  await page.getByText('No run needs a decision.').waitFor();
});

it('one run is retried alone; one is discarded, with a reason only', async (w, page) => {
  const dead = await refused(w);
  await show(page, `#/dead-letters/${dead[0].fingerprint}`);
  await page.getByTitle(/^Discard the run for/).click();
  const discard = dialog(page).getByRole('button', { name: 'Discard' });
  assert.equal(await discard.isDisabled(), true);
  await dialog(page).getByLabel(/Reason/).fill('  ');
  assert.equal(await discard.isDisabled(), true);
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await page.getByTitle(/^Retry the run for/).click();
  await dialog(page).getByRole('button', { name: 'Retry', exact: true }).click();
  await until(async () => (await w.api(`/api/v1/runs/${dead[0].id}`)).state === 'succeeded', 'the run');
  await page.getByText('No run with this cause is left').waitFor();

  const [again] = await refused(w);
  await show(page, `#/dead-letters/${again.fingerprint}`);
  await page.getByTitle(/^Discard the run for/).click();
  await dialog(page).getByLabel(/Reason/).fill('the spot was withdrawn');
  await discard.click();
  await until(async () => (await w.api(`/api/v1/runs/${again.id}`)).state === 'discarded', 'the run');
});

it('a change in the form is a change in the JSON, and the other way round; what fits neither is not sent', async (w, page) => {
  const [dead] = await refused(w);
  await show(page, `#/dead-letters/edit/${dead.id}`);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('second try');
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  const json = page.getByRole('textbox', { name: /as JSON$/ });
  const value = JSON.parse(await json.inputValue());
  assert.equal(value.name, 'second try');
  await json.fill('{ "name": ');
  await page.getByText(/Not valid JSON/).first().waitFor();
  const save = page.getByRole('button', { name: 'Save and retry this run' });
  assert.equal(await save.isDisabled(), true);
  await json.fill(JSON.stringify({ ...value, name: 7 }));
  await page.getByText('expected text, found a number').first().waitFor();
  assert.equal(await save.isDisabled(), true);
  await json.fill(JSON.stringify({ ...value, name: 'third try' }));
  await page.getByRole('button', { name: 'Form', exact: true }).click();
  assert.equal(await name.inputValue(), 'third try');
  await page.getByRole('button', { name: 'Undo changes' }).click();
  await page.getByText('No changes yet.').waitFor();
  assert.equal(await save.isDisabled(), true);

  // What only the host knows stands at its field as well: another person was quicker.
  await name.fill('too late');
  await w.api(`/api/v1/runs/${dead.id}/discard`, 'POST', { reason: 'withdrawn' });
  await save.click();
  await page.getByRole('alert').waitFor();
  assert.equal((await w.api(`/api/v1/runs/${dead.id}`)).state, 'discarded');
});

it('a change is made in all runs of a cause', async (w, page) => {
  const dead = await refused(w, 2);
  const cause = dead[0].fingerprint;
  await show(page, `#/dead-letters/${cause}`);
  await page.getByRole('link', { name: 'Edit all' }).click();
  await settled(page);
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  const json = page.getByRole('textbox', { name: /as JSON$/ });
  const value = JSON.parse(await json.inputValue());
  await json.fill(JSON.stringify({ ...value, count: 99 }));
  await page.getByRole('button', { name: 'Apply this change to all 2 runs' }).click();
  await dialog(page).getByRole('button', { name: 'Edit 2 runs' }).click();
  await page.getByText('2 of 2 runs').waitFor();
  await until(async () => (await w.runs('failed')).every((r) => r.fingerprint !== cause), 'the runs');
  for (const run of dead) {
    const { steps } = await w.api(`/api/v1/runs/${run.id}`);
    const step = steps.find((t) => t.edited);
    assert.equal(step.input.count, 99);
    assert.match(step.input.name, /^poster \d+$/, 'what was not changed is as it was');
  }
});

it('a run in doubt needs a word of a person', async (w, page) => {
  // The answer to a step that can neither be repeated nor looked up is lost.
  w.lost.add('/fire');
  await w.send('doubtful', [{ do: 'fire', name: 'a' }]);
  const [doubt] = await until(async () => {
    const found = await w.runs('in_doubt');
    return found.length > 0 && found;
  }, 'a run in doubt');
  await show(page, `#/dead-letters/${doubt.fingerprint}`);
  await page.getByRole('button', { name: 'Resolve' }).click();
  await dialog(page).getByText('Mortise does not guess').waitFor();
  const go = dialog(page).getByRole('button', { name: 'Retry', exact: true });
  assert.equal(await go.isDisabled(), true);
  await dialog(page).getByLabel(/Yes, it did happen/).check();
  await dialog(page).getByLabel(/Result of the step/).fill('{"id": ');
  assert.equal(await dialog(page).getByRole('button', { name: 'Continue with this result' }).isDisabled(), true);
  await dialog(page).getByLabel(/No, it did not happen/).check();
  await dialog(page).getByRole('button', { name: 'Repeat the step' }).click();
  await until(async () => (await w.api(`/api/v1/runs/${doubt.id}`)).state !== 'in_doubt', 'the run');
});

it('a bulk job that keeps failing for the same cause stops by itself and says so', async (w, page) => {
  const dead = await refused(w, 2);
  w.refusing = Infinity;
  await show(page, `#/dead-letters/${dead[0].fingerprint}`);
  await page.getByRole('button', { name: 'Retry all' }).click();
  await dialog(page).getByLabel('Stop after consecutive failures').fill('1');
  await dialog(page).getByRole('button', { name: /^Retry \d/ }).click();
  await page.locator('.job').getByText('stopped', { exact: true }).waitFor();
  await page.getByText(/Ended because/).waitFor();
  w.refusing = 0;
});
