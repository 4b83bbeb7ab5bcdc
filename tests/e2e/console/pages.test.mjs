// SPDX-License-Identifier: Apache-2.0
// Plugins, events, links, ledger, settings; and a host that goes away and comes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();
const grid = (page, name) => page.getByRole('grid', { name });

it('pages without content say what would stand there', async (w, page) => {
  await show(page, '#/links');
  await page.getByText('No link yet').waitFor();
  await show(page, '#/events?subject=nobody');
  await page.getByText('No event matches').waitFor();
  await show(page, '#/ledger?object=&q=nothing-of-this-kind');
  await page.getByText('No entry matches').waitFor();
  await page.evaluate(() => { location.hash = '#/no-such-page'; });
  await page.getByText('Page not found').waitFor();
});

it('plugins tell where they come from and what they offer', async (w, page) => {
  await show(page, '#/plugins');
  await grid(page, 'Plugins').getByRole('row', { name: /campaign-asset-references/ }).waitFor();
  await page.getByLabel('Show').selectOption('connector');
  await grid(page, 'Plugins').getByRole('row', { name: /campaign-asset-references/ }).waitFor({ state: 'detached' });
  await grid(page, 'Plugins').getByRole('link', { name: /Business Workspaces/ }).click();
  await settled(page);
  await page.getByRole('searchbox').fill('create_url');
  await page.getByText('1 operation', { exact: true }).waitFor();
  await page.locator('summary', { hasText: 'nodes.create_url' }).click();
  await page.getByRole('heading', { name: 'Input' }).waitFor();
  await page.locator('dl[aria-label="Input of nodes.create_url"]').getByText('name', { exact: true }).waitFor();
  await page.getByRole('tab', { name: /Triggers/ }).click();
  await page.getByRole('tabpanel').getByText('poll', { exact: true }).first().waitFor();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('tabpanel').getByText('base_url').waitFor();
  await show(page, '#/plugins/campaign-asset-references');
  await page.getByRole('region', { name: 'Role dam' }).waitFor();
  await show(page, '#/plugins/no-such-plugin');
  await page.getByRole('alert').waitFor();
});

it('events are found by what they are about and lead to their runs; what flows link is listed; the ledger proves it', async (w, page) => {
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await until(async () => (await w.runs('succeeded')).some((r) => r.flow === 'campaigns') && (await w.runs('active,ready')).length === 0, 'the run');
  await show(page, '#/events');
  await page.getByRole('searchbox', { name: 'Type' }).fill('iconik.');
  const row = grid(page, 'Events').getByRole('row').nth(1);
  await row.getByRole('link').click();
  await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
  await settled(page);
  await show(page, '#/links');
  await grid(page, 'Links').getByRole('row').nth(1).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  await show(page, '#/ledger');
  await page.getByRole('searchbox', { name: 'Operation' }).fill('nodes.create_url');
  await until(async () => {
    const [, ...rows] = await grid(page, 'Ledger entries').getByRole('row').allInnerTexts();
    return rows.length > 0 && rows.every((r) => r.includes('nodes.create_url'));
  }, 'the entries of the operation');
  await grid(page, 'Ledger entries').getByRole('row').nth(1).click();
  await page.getByRole('dialog').getByText('Hash', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox', { name: 'Since' }).fill('yesteryear');
  await page.getByText('Enter a date').waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText('Unchanged').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export NDJSON' }).click()]);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
  assert.equal(JSON.parse(lines[0]).seq, 1);
  assert.match(JSON.parse(lines.at(-1)).hash, /^[0-9a-f]{64}$/);
});

it('settings are shown with their line and without secrets; a bad one is refused with the place, a good one taken', async (w, page) => {
  await show(page, '#/settings');
  const text = (await readFile(w.config, 'utf8')).split('\n');
  const line = text.findIndex((l) => l.startsWith('app_id')) + 1;
  await page.locator('.settings > div', { hasText: 'app_id' }).getByText(`mortise.toml:${line}`).first().waitFor();
  await page.getByText('ICONIK_TOKEN').first().waitFor();
  assert.equal((await page.content()).includes('sandbox-integration-token'), false);
  assert.equal(await page.getByText('default', { exact: true }).count(), 0);
  await page.getByLabel('Show defaults').check();
  await page.getByText('default', { exact: true }).first().waitFor();

  await w.write_config((t) => t.replace('base_url =', 'base_ulr ='));
  await page.getByRole('button', { name: 'Reload configuration' }).click();
  await page.getByText(/Not applied: \d/).waitFor();
  await page.getByText(/mortise\.toml:\d+:\d+/).first().waitFor();
  await page.getByText(/base_url/).first().waitFor();

  await w.write_config((t) => t.replace('[flows.approval]', '[flows.reviews]'));
  await page.getByRole('button', { name: 'Reload configuration' }).click();
  await page.getByText('flow reviews added').waitFor();
  await w.write_config();
  await page.getByRole('button', { name: 'Reload configuration' }).click();
  await page.getByText('flow approval added').waitFor();
});

it('the ledger of one run is reached from the run, and the filter can be taken away', async (w, page) => {
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  const run = await until(async () => (await w.runs('succeeded')).find((r) => r.flow === 'campaigns'), 'a run of campaigns');
  await show(page, `#/runs/${run.id}`);
  await page.getByRole('link', { name: 'View in ledger' }).click();
  await page.waitForURL(new RegExp(`#/ledger\\?run=${run.id}$`));
  await settled(page);
  const { entries } = await w.api(`/api/v1/ledger?run=${run.id}`);
  const rows = grid(page, 'Ledger entries').locator('.table-row');
  await until(async () => (await rows.count()) === entries.length, 'the entries of the run alone');
  await page.getByRole('button', { name: /^Run …/ }).click();
  await page.waitForURL(/#\/ledger$/);
  await until(async () => (await rows.count()) > entries.length, 'all entries');
});

it('the way back to a list keeps its filters', async (w, page) => {
  await show(page, '#/runs?state=succeeded&flow=campaigns');
  await page.locator('.table-row a').first().click();
  await page.waitForURL(/#\/runs\/./);
  await page.locator('a.back').click();
  await page.waitForURL(/#\/runs\?(?=.*state=succeeded)(?=.*flow=campaigns)/);
  await settled(page);
});

it('while the host is away every page says that it may be out of date; back again, it asks anew', async (w, page) => {
  await show(page, '#/runs');
  await page.getByText('Live', { exact: true }).waitFor();
  await w.write_config();
  await w.stop_host();
  await page.getByText('What you see may be out of date').waitFor();
  await page.getByText('No connection', { exact: true }).waitFor();
  page.seen.requests.length = 0;
  await w.start_host();
  await page.getByText('What you see may be out of date').waitFor({ state: 'detached' });
  const signed_out = page.getByRole('button', { name: 'Sign in' });
  await signed_out.or(page.getByText('Live', { exact: true })).first().waitFor();
  if (await signed_out.count() === 0)
    await until(() => page.seen.requests.some((r) => /\/api\/v1\/runs\?/.test(r)), 'the list asked again');
});

it('a host that goes away is said so; when it is back the page goes on', async (w, page) => {
  await show(page, '#/connections');
  await w.write_config();
  await w.stop_host();
  await page.getByText('The host is not responding').first().waitFor();
  await w.start_host();
  // The session is kept by the host, or the person signs in again: never a page that hangs.
  const signed_out = page.getByRole('button', { name: 'Sign in' });
  const well = page.getByRole('heading', { name: 'iconik', exact: true });
  await page.getByText('The host is not responding').first().waitFor({ state: 'detached' });
  await signed_out.or(well).first().waitFor();
});
