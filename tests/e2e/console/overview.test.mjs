// SPDX-License-Identifier: Apache-2.0
// The overview: what is configured, what moves, what needs a person; and the ways on from it.
import assert from 'node:assert/strict';
import { largeTopology } from '../../../host/console/mock/large.mjs';
import { check_accessibility, check_width, settled, show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';
import { until } from './support/world.mjs';

const it = browser_tests();
const tile = (page, name) =>
  page.locator('.tile', { has: page.getByText(name, { exact: true }) }).locator('.tile-value');

it('every system and flow of the configuration is a node that leads on', async (w, page) => {
  await show(page, '#/');
  const names = (await w.api('/api/v1/topology')).nodes.map((n) => n.name).sort();
  assert.equal(names.length, 10);
  await page.locator('.node').nth(9).waitFor();
  assert.deepEqual((await page.locator('.node .node-title').allTextContents()).sort(), names);
  // No node lies on another one.
  const boxes = await Promise.all((await page.locator('.node').all()).map((n) => n.boundingBox()));
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => assert.ok(
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y)));
  await page.locator('.node.connection', { hasText: 'otcs' }).click();
  await page.waitForURL(/#\/connections\/otcs$/);
  await show(page, '#/');
  // By keyboard.
  const approval = page.locator('.node.flow', { hasText: 'approval' });
  await approval.focus();
  await page.locator('.line.lit').first().waitFor();
  // The mouse comes by and leaves: what has the focus still stands out.
  await page.locator('.node.connection', { hasText: 'iconik' }).hover();
  await page.mouse.move(1, 1);
  await page.locator('.line.lit').first().waitFor();
  assert.ok(await approval.evaluate((n) => n === document.activeElement));
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/runs\?flow=approval$/);
  await settled(page);
});

it('what moves is seen while it moves, and a failure leads to its run', async (w, page) => {
  await show(page, '#/');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  const events = async () => Number((await tile(page, 'Events').textContent()).replace(/\D/g, ''));
  const before = await events();
  await w.refuse_items();
  await Promise.all([
    page.waitForFunction(() => document.querySelectorAll('.spark').length > 0),
    w.play_iconik('approve-asset', { asset: 'packshot-front' }),
  ]);
  await until(async () => await events() > before, 'the tile of events');
  await until(async () => await tile(page, 'Need attention').textContent() === '1', 'the tile of dead letters');
  await page.locator('.failure').first().click();
  await page.waitForURL(/#\/runs\/[0-9a-f-]{36}$/);
  await page.getByText('What to do next').waitFor();
});

it('with reduced motion nothing travels', async (w, page) => {
  await show(page, '#/');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.evaluate(() => {
    window.travelled = 0;
    new MutationObserver(() => { window.travelled += document.querySelectorAll('.spark').length; })
      .observe(document.body, { childList: true, subtree: true });
  });
  const events = (await w.api('/api/v1/overview')).counts.events;
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  await until(async () => Number((await tile(page, 'Events').textContent()).replace(/\D/g, '')) > events, 'the tile of events');
  assert.equal(await page.evaluate(() => window.travelled), 0);
});

it('seven systems and 39 flows are legible at once, found by name and walked by arrow keys', async (w, page, open) => {
  const topology = largeTopology(Date.now());
  for (const [width, height] of [[1440, 900], [1024, 768], [360, 740]]) {
    const p = width === 1440 ? page : await open({ width, height });
    await p.setViewportSize({ width, height });
    await p.route(/\/api\/v1\/topology$/, (route) => route.fulfill({ json: topology }));
    await p.reload();
    await show(p, '#/');
    await p.locator('.node').nth(topology.nodes.length - 1).waitFor();
    const said = await p.evaluate(() => [...document.querySelectorAll('.node .node-title')].map((t) => ({
      text: t.textContent, cut: t.scrollWidth > t.clientWidth + 1 || t.scrollHeight > t.clientHeight + 2,
      size: parseFloat(getComputedStyle(t).fontSize) * t.getBoundingClientRect().width / Math.max(1, t.offsetWidth),
    })));
    assert.deepEqual(said.map((t) => t.text).sort(), topology.nodes.map((n) => n.name).sort());
    assert.deepEqual(said.filter((t) => t.cut || t.size < 12), [], `names that are cut or small at ${width}`);
    await check_width(p, `the graph at ${width}`);
    await check_accessibility(p, `the graph at ${width}`);
  }
  await page.getByRole('searchbox', { name: 'Find a system or flow' }).fill('trading');
  await page.locator('.node').nth(7).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.node').count(), 7);
  await page.getByRole('searchbox', { name: 'Find a system or flow' }).fill('no such thing');
  await page.getByText('No system or flow is called so').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.locator('.node').nth(topology.nodes.length - 1).waitFor();
  // One stop of the Tab key; arrows lead on.
  assert.equal(await page.locator('.node:not([tabindex="-1"])').count(), 1);
  await page.locator('.node:not([tabindex="-1"])').focus();
  const at = () => page.evaluate(() => document.activeElement.dataset.node);
  assert.match(await at(), /^connection:/);
  await page.keyboard.press('ArrowRight');
  const flow = await at();
  assert.match(flow, /^flow:/);
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await at(), flow);
  await page.keyboard.press('End');
  assert.match(await at(), /^connection:/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/connections\/./);
});

it('the animation can be stopped, and stays stopped', async (w, page) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await show(page, '#/');
  await page.getByRole('button', { name: 'Stop the animation' }).click();
  await page.reload();
  await show(page, '#/');
  await page.getByRole('button', { name: 'Animate traffic' }).waitFor();
});
