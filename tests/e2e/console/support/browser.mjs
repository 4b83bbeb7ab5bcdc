// SPDX-License-Identifier: Apache-2.0
// A real Chromium, and what every page must keep to while a test looks at it: no message in the console, no violation of
// the content policy, no request to anybody else.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const axe_source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
export async function open_browser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--hide-scrollbars'],
  });
  return browser;
}
export async function close_browser() {
  await browser?.close();
  browser = undefined;
}

/** options: dark, width, height, signed_in_as (a token; none: not signed in). */
export async function open_page(w, options = {}) {
  const context = await (await open_browser()).newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: options.scale ?? 1,
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  page.seen = { outside: [], violations: [], errors: [], requests: [] };
  page.on('request', (r) => {
    page.seen.requests.push(`${r.method()} ${r.url()}`);
    const url = new URL(r.url());
    if (!['data:', 'blob:', 'about:'].includes(url.protocol) && url.origin !== w.url) page.seen.outside.push(r.url());
  });
  page.on('console', (m) => {
    if (/Content Security Policy/i.test(m.text())) page.seen.violations.push(m.text());
    else if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) page.seen.errors.push(m.text());
  });
  page.on('pageerror', (e) => page.seen.errors.push(e.stack ?? String(e)));
  if (options.signed_in_as) {
    // Signing in by the page itself is a test of its own.
    const reply = await context.request.post(`${w.url}/api/v1/session`, { data: { token: options.signed_in_as } });
    assert.equal(reply.status(), 200, await reply.text());
    await page.goto(w.url);
    await page.locator('main#content h1').first().waitFor();
  }
  return page;
}

export async function sign_in(page, token) {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('main#content h1').first().waitFor();
}

/** Shows a page of the console ("#/connections") and waits until it has what it shows. */
export async function show(page, hash) {
  await page.evaluate(async (to) => {
    location.hash = to;
    // The former page is gone two frames later.
    for (let i = 0; i < 2; ++i) await new Promise((drawn) => requestAnimationFrame(drawn));
  }, hash);
  await settled(page);
}
export async function settled(page) {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('main .loading, main [aria-busy="true"]'));
}

/** Closes the page and holds it to what every page keeps to. */
export async function close_page(page) {
  const { outside, violations, errors } = page.seen;
  await page.context().close();
  assert.deepEqual(outside, [], 'requests to others');
  assert.deepEqual(violations, [], 'violations of the content policy');
  assert.deepEqual(errors, [], 'errors in the page');
}

/** What an accessibility checker finds wrong (WCAG 2.2 A and AA), by all its rules or by these. */
export async function check_accessibility(page, where, rules = undefined) {
  await page.evaluate(axe_source);
  const found = await page.evaluate((only) => window.axe.run(document, {
    runOnly: only ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
  }), rules);
  const said = found.violations.map((v) =>
    `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `    ${n.target.join(' ')}  ${n.html.slice(0, 160)}`).join('\n')}`);
  assert.deepEqual(said, [], `${where}: accessibility`);
}

/** Nothing sticks out to the right of the window. */
export async function check_width(page, where) {
  const wide = await page.evaluate(() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= window.innerWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1)
      .slice(0, 5)
      .map((e) => `${e.tagName}.${e.className} ends at ${Math.round(e.getBoundingClientRect().right)}`);
  });
  assert.deepEqual(wide, [], `${where}: wider than the window`);
}
