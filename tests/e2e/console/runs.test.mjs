// SPDX-License-Identifier: Apache-2.0
// Runs: filters that stand in the address, a list that does not jump, and one run with its steps.
import assert from 'node:assert/strict';
import { settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();
const rows = (page) => page.locator('.table-row');

it('a failed run tells every step, what was sent and what came back; mended, it goes on while one looks', async (w, page) => {
  await w.refuse_items();
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  const [dead] = await w.dead_letters();
  const run = await w.api(`/api/v1/runs/${dead.id}`);
  await show(page, `#/runs/${dead.id}`);
  await page.locator('.bar-line').first().waitFor();
  assert.equal(await page.locator('.bar-line:not(.child)').count(), run.steps.length);
  const failed = page.locator('.bar-line.open');
  assert.equal(await failed.count(), 1, 'the failed step is open');
  await failed.getByText(run.failure.message).waitFor();
  await failed.getByRole('group', { name: 'Input' }).waitFor();
  // Another one, by keyboard.
  const step = page.locator('.bar-line:not(.child) .bar-head').first();
  await step.focus();
  await page.keyboard.press('Enter');
  assert.equal(await step.getAttribute('aria-expanded'), 'true');
  await page.getByText(run.trace_id).waitFor();
  await page.getByText('On the command line').click();
  await page.getByText(`mortise dead-letters retry ${run.id}`, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry', exact: true }).click();
  await page.locator('.run-line').getByText('succeeded').waitFor();
  await page.locator('.object-list').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Retry', exact: true }).count(), 0);
});

it('a step that was tried again shows each attempt and each wait where it was, and says so', async (w, page) => {
  await w.fault('otcs', { method: 'POST', path: '/otcs/cs/api/v2/nodes', status: 503, count: 2 });
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  const run = await until(async () => {
    const { runs } = await w.api('/api/v1/runs?state=succeeded&limit=20');
    const told = await Promise.all(runs.map((r) => w.api(`/api/v1/runs/${r.id}`)));
    return told.find((r) => r.steps.some((s) => s.tries.length >= 3));
  }, 'a run of which a step was tried three times');
  const nth = run.steps.findIndex((s) => s.tries.length >= 3);
  const { key, tries } = run.steps[nth];
  await show(page, `#/runs/${run.id}`);
  const line = page.locator('.bar-line:not(.child)').nth(nth);
  await line.waitFor();
  const places = (kind) => line.locator(`.stretch.${kind}`).evaluateAll((all) => all.map((e) => ({
    left: parseFloat(e.style.left), width: parseFloat(e.style.width), says: e.title,
  })));
  const attempts = await places('attempt');
  const waits = await places('wait');
  assert.equal(attempts.length, tries.filter((t) => t.attempt > 0 && t.outcome !== 'cut_off').length);
  assert.equal(waits.length, tries.filter((t) => t.waits_for !== 'none').length);
  for (const [i, t] of tries.slice(0, -1).entries()) {
    assert.equal(t.waits_for, 'back_off');
    assert.match(attempts[i].says, new RegExp(`^attempt ${t.attempt} failed after .*HTTP 503`));
    assert.match(waits[i].says, /^waited .*: back-off$/);
    assert.ok(Math.abs(waits[i].left + waits[i].width - attempts[i + 1].left) < 0.5, 'a wait ends where the next attempt begins');
  }
  // By keyboard, without opening it.
  const head = line.locator('.bar-head');
  await head.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  const summary = line.locator('.tries-summary');
  await summary.waitFor();
  assert.match(await summary.textContent(), /^Attempt 1 failed after .*; waited .*: back-off; attempt 2 failed/);
  assert.equal(await head.getAttribute('aria-describedby'), await summary.getAttribute('id'));
  await page.keyboard.press('Enter');
  await line.getByRole('heading', { name: 'Attempts' }).waitFor();
  assert.equal(await line.locator('.tries > li').count(), tries.length, `of ${key}`);
  await line.locator('.tries').getByText('the same failure').waitFor();
  // One that went well at once has neither.
  const other = run.steps.findIndex((s) => s.tries.length === 0);
  assert.equal(await page.locator('.bar-line:not(.child)').nth(other).locator('.stretch').count(), 0);
});

it('a filter is a part of the address: it stays over a reload, and is cleared', async (w, page) => {
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await until(async () => (await w.runs('succeeded')).some((r) => r.flow === 'campaigns'), 'a run of campaigns');
  await show(page, '#/runs');
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: /^succeeded/ }).click();
  await page.getByLabel('Flow', { exact: true }).selectOption('campaigns');
  await page.waitForURL(/#\/runs\?(?=.*state=succeeded)(?=.*flow=campaigns)/);
  await page.reload();
  await settled(page);
  await rows(page).first().waitFor();
  assert.equal(await page.getByRole('button', { name: /^succeeded/ }).getAttribute('aria-pressed'), 'true');
  for (const text of await rows(page).allTextContents()) assert.match(text, /succeeded.*campaigns/);
  await page.getByRole('searchbox', { name: 'Id, key or subject' }).fill('no-such-thing');
  await page.getByText('No run matches these filters').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.waitForURL(/#\/runs$/);
  await rows(page).first().waitFor();
});

it('nothing jumps under the pointer: new runs wait until they are wanted', async (w, page) => {
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await show(page, '#/runs');
  await page.getByText('Live', { exact: true }).waitFor();
  await rows(page).first().waitFor();
  await until(async () => (await w.runs('ready,active')).length === 0, 'quiet');
  await rows(page).first().hover();
  const first = await rows(page).first().locator('a').first().getAttribute('href');
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  const button = page.getByRole('button', { name: /new runs?$/ });
  await button.waitFor();
  assert.equal(await rows(page).first().locator('a').first().getAttribute('href'), first);
  await button.click();
  await until(async () => await rows(page).first().locator('a').first().getAttribute('href') !== first, 'the new runs');
});

it('who may only look is told so', async (w, page, open) => {
  await w.refuse_items();
  await w.play_iconik('add-asset', { title: 'Radio', collection: 'brand', file: 'radio.mp3', metadata: { account_id: ['A-2001'], media_kind: ['Demo'] } });
  const [dead] = await w.dead_letters();
  const viewer = await open({ as: 'viewer' });
  await show(viewer, `#/runs/${dead.id}`);
  const retry = viewer.getByRole('button', { name: 'Retry', exact: true });
  await retry.waitFor();
  assert.ok(await retry.isDisabled());
  assert.match(await retry.getAttribute('title'), /needs the role operator/);
});

it('a run that is not there is said so', async (w, page) => {
  await show(page, '#/runs/01a1feaa-ae3c-7141-8561-af9f9e398b28');
  await page.getByText('This run is not in the journal').waitFor();
});

it('a page that is refused is said so, and not asked for again and again', async (w, page) => {
  await page.route(/\/api\/v1\/runs\?/, async (route) => {
    if (route.request().url().includes('cursor=')) {
      await route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"detail":"the journal is busy"}' });
      return;
    }
    const reply = await route.fetch();
    const { runs } = await reply.json();
    await route.fulfill({ response: reply, json: { runs: runs.slice(0, 5), next: 'more' } });
  });
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await until(async () => (await w.runs()).length > 0, 'a run');
  await show(page, '#/runs');
  await page.getByRole('alert').getByText('the journal is busy').waitFor();
  const asked = () => page.seen.requests.filter((r) => r.includes('cursor=')).length;
  await page.evaluate(async () => { for (let i = 0; i < 60; ++i) await new Promise(requestAnimationFrame); });
  assert.equal(await asked(), 1);
  await page.getByRole('button', { name: 'Try again' }).click();
  await until(async () => await asked() === 2, 'the second try');
});
