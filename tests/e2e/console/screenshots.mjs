// SPDX-License-Identifier: Apache-2.0
// The pictures of the documentation, from the real host while it plays the sandbox's story:
//   node screenshots.mjs [FOLDER [SECONDS]]       default: docs/images, 75 s of traffic
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { close_browser, open_page, settled } from './support/browser.mjs';
import { until, world } from './support/world.mjs';

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../../../docs/images', import.meta.url)));
const seconds = Number(process.argv[3] ?? 75);
await mkdir(folder, { recursive: true });

const w = await world.start({ seed_runs: 1500, poll: '1s', retry: ['400ms', '5s'] });
const pause = (ms) => new Promise((r) => setTimeout(r, ms));
const quiet = (promise) => promise.catch(() => {});

async function play() {
  await quiet(w.play_otcs('set-category', { bo_id: 'C-1001', category: 'Campaign', values: { Status: 'Active' } }));
  for (const asset of ['packshot-side', 'social-cut', 'radio-spot']) await quiet(w.play_iconik('approve-asset', { asset }));
  await quiet(w.play_iconik('set-metadata', { asset: 'hero-film', values: { rights_status: ['Cleared'], usage_rights: ['Restricted'], expiry_date: ['2099-03-31'], territories: ['DE', 'AT'] } }));
  await quiet(w.play_iconik('set-metadata', { asset: 'social-cut', values: { milestone: ['Final Cut'], project_id: ['P-3001'] } }));
  await quiet(w.play_iconik('set-metadata', { asset: 'radio-spot', values: { vendor_id: ['V-4001'] } }));
  await quiet(w.play_iconik('add-asset', { title: 'Lumen Demo', collection: 'brand', file: 'demo.mp4', metadata: { account_id: ['A-2001'], media_kind: ['Demo'] } }));
  await quiet(w.play_iconik('request-approval', { asset: 'packshot-side', users: ['legal'] }));
  const end = Date.now() + seconds * 1000;
  const states = ['Active', 'On hold'];
  for (let i = 0; Date.now() < end; ++i) {
    await quiet(w.play_otcs('set-category', { bo_id: 'C-1001', category: 'Campaign', values: { Status: states[i % 2] } }));
    if (i % 3 === 0) await quiet(w.play_iconik('add-version', { asset: 'packshot-side', file: 'side.png', content: `v${i}` }));
    if (i % 3 === 1) await quiet(w.play_iconik('approve-asset', { asset: 'packshot-side' }));
    if (i % 4 === 2) await quiet(w.play_iconik('add-asset', { title: `Lumen Demo ${i}`, collection: 'brand', file: 'demo.mp4', metadata: { account_id: ['A-2001'], media_kind: ['Demo'] } }));
    await pause(1500);
  }
}

const picture = async (page, name) => {
  for (const close of await page.locator('.toast button').all()) await close.click();
  await page.mouse.move(1439, 899);
  await page.evaluate(() => document.activeElement?.blur());
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(join(folder, `${name}.png`));
};

try {
  const size = { width: 1440, height: 900 };
  const token = await w.token_of('admin', 'clara.brandt');
  const page = await open_page(w, { ...size, signed_in_as: token });
  const go = async (hash) => {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await settled(page);
  };
  await go('#/');
  // The first item of a campaign comes with its folder; the second one finds the system away three times, then is refused.
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  await until(async () => (await w.runs('succeeded')).some((r) => r.flow === 'campaigns' && r.config_revision !== 'seeded'), 'the first item');
  await until(async () => (await w.runs('ready,active')).length === 0, 'rest');
  const busy = { method: 'POST', path: '/otcs/cs/api/v2/nodes', status: 503, body: '{"error":"The server is busy."}' };
  await w.fault('otcs', { ...busy, count: 2 });
  await w.fault('otcs', { ...busy, count: 1, headers: { 'Retry-After': '2' } });
  await w.refuse_items(2);
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  const dead = await until(async () => (await w.runs('failed')).find((r) => r.flow === 'campaigns' &&
    r.failed_step?.endsWith('/create') && r.failure.message.includes('already exists')), 'the dead letter');
  const playing = play();
  await pause(seconds * 900);
  await page.setViewportSize({ width: 1440, height: 1500 });
  await picture(page, 'overview');
  await page.setViewportSize(size);
  await playing;

  await page.setViewportSize({ width: 1440, height: 1560 });
  await go(`#/runs/${dead.id}`);
  await picture(page, 'run');
  await page.setViewportSize(size);

  await go(`#/dead-letters/edit/${dead.id}`);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill(`${await name.inputValue()} (approved)`);
  await page.getByRole('button', { name: 'Validate' }).click();
  await page.getByText('Valid: the host accepts this change.').waitFor();
  await picture(page, 'dead-letters');
  await page.getByRole('button', { name: 'Save and retry this run' }).click();
  await until(async () => (await w.api(`/api/v1/runs/${dead.id}`)).state === 'succeeded', 'the run');

  await go('#/connections/otcs');
  await page.getByRole('region', { name: 'Trigger changes' }).waitFor();
  await picture(page, 'connections');

  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await go('#/ledger');
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText('Unchanged').waitFor();
  await picture(page, 'ledger');
} finally {
  await close_browser();
  await w.stop();
}
