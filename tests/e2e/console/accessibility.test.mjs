// SPDX-License-Identifier: Apache-2.0
// Every page: accessibility in light and dark, no sideways scrolling on a phone; and the main tasks by keyboard alone.
import assert from 'node:assert/strict';
import { check_accessibility, check_width, settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();
let dead;

async function hashes(w) {
  if (!dead) {
    await w.refuse_items(2);
    await w.play_iconik('approve-asset', { asset: 'packshot-front' });
    await w.play_iconik('approve-asset', { asset: 'hero-film' });
    [dead] = await w.dead_letters(1);
  }
  const event = (await w.api('/api/v1/events?limit=1')).events[0].ref;
  return ['#/', '#/runs', `#/runs/${dead.id}`, '#/runs?q=nothing-fits', '#/dead-letters', `#/dead-letters/${dead.fingerprint}`,
    `#/dead-letters/edit/${dead.id}`, '#/dead-letters/jobs', '#/connections', '#/connections/otcs', '#/plugins',
    '#/plugins/xecm-workspaces', '#/plugins/campaign-asset-references', '#/events', `#/events/${event}`, '#/links', '#/ledger',
    '#/settings', '#/settings/tokens', '#/no-such-page'];
}
const appears = (page) => page.locator('main').locator('h1, .empty').first().waitFor();
async function each(w, page, look) {
  for (const hash of await hashes(w)) {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await appears(page);
    await page.waitForFunction(() => !document.querySelector('main .loading, main [aria-busy="true"]'));
    await look(hash);
  }
}

it('every page is accessible', async (w, page) => {
  await each(w, page, (hash) => check_accessibility(page, hash));
  await page.evaluate((to) => { location.hash = to; }, `#/dead-letters/${dead.fingerprint}`);
  await page.getByRole('button', { name: 'Retry all' }).click();
  await check_accessibility(page, 'a dialog');
});

it('in the dark every text stands out as well', async (w, page) => {
  await each(w, page, (hash) => check_accessibility(page, hash, ['color-contrast']));
}, { dark: true });

it('the sign-in page is accessible', async (w, page) => {
  await page.goto(w.url);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await check_accessibility(page, 'sign in');
  await check_width(page, 'sign in');
}, { as: 'nobody' });

it('no page is wider than a phone', async (w, page) => {
  await each(w, page, (hash) => check_width(page, hash));
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Ledger' }).click();
  await settled(page);
  await check_width(page, 'menu');
}, { width: 360, height: 740 });

it('on a small screen, and enlarged to 200 %, tables show what matters without scrolling sideways', async (w, page) => {
  for (const [width, height] of [[1024, 768], [720, 450]]) {
    await page.setViewportSize({ width, height });
    await each(w, page, async (hash) => {
      await check_width(page, `${hash} at ${width}`);
      const cut = await page.evaluate(() => [...document.querySelectorAll('.table-scroller')]
        .filter((t) => t.scrollWidth > t.clientWidth + 1).map((t) => `${t.ariaLabel}: ${t.scrollWidth} in ${t.clientWidth}`));
      assert.deepEqual(cut, [], `${hash} at ${width}`);
    });
  }
});

it('every page is reached by two keys, and its table by one', async (w, page) => {
  await hashes(w);
  const titles = { o: 'Overview', r: 'Runs', l: 'Dead letters', c: 'Connections', e: 'Events', i: 'Links', a: 'Ledger', p: 'Plugins', s: 'Settings' };
  for (const [key, title] of Object.entries(titles)) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByRole('heading', { name: 'Keyboard shortcuts', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await settled(page);
  await page.locator('.table-row').first().waitFor();
  await page.keyboard.press('t');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /#\/runs\/./.test(location.hash));
});

// Presses Tab until the element that has the focus is called so.
async function tab_to(page, name, most = 80) {
  for (let i = 0; i < most; ++i) {
    await page.keyboard.press('Tab');
    const has = await page.evaluate(() => {
      const e = document.activeElement;
      return (e?.getAttribute('aria-label') || e?.labels?.[0]?.textContent || e?.textContent || '').trim();
    });
    if (name.test(has)) return;
  }
  assert.fail(`Tab does not lead to ${name}`);
}

it('a dead letter is found, changed and retried without a mouse', async (w, page) => {
  await hashes(w);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.locator('.cause').first().waitFor();
  await tab_to(page, /^View \d/);
  await page.keyboard.press('Enter');
  await page.locator('.table-row').first().waitFor();
  await page.locator('h1').focus();
  await tab_to(page, /^Edit$/);
  await page.keyboard.press('Enter');
  await page.locator('.schema-form').waitFor();
  await tab_to(page, /^Name$/);
  await page.keyboard.press('End');
  await page.keyboard.type(' by keyboard');
  await tab_to(page, /^Save and retry/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /#\/runs\/./.test(location.hash));
  await until(async () => (await w.runs('succeeded')).length > 0, 'the run');
});

it('a dialog keeps the focus, closes on Escape and gives it back', async (w, page) => {
  await show(page, '#/connections/otcs');
  const pause = page.getByRole('button', { name: 'Pause', exact: true });
  await pause.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  for (let i = 0; i < 8; ++i) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))));
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await pause.evaluate((e) => e === document.activeElement));
});
