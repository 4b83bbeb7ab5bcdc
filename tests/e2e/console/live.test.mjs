// SPDX-License-Identifier: Apache-2.0
// What happens is seen as it happens, and the policy of the page holds.
import assert from 'node:assert/strict';
import { show } from './support/browser.mjs';
import { browser_tests } from './support/browser_test.mjs';

const it = browser_tests();

it('a run that fails appears on the page that is open, without a reload', async (w, page) => {
  await show(page, '#/dead-letters');
  await page.getByText('No run needs a decision.').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await w.refuse_items();
  await w.play_iconik('approve-asset', { asset: 'packshot-front' });
  await page.locator('.cause').first().waitFor();
  await page.getByRole('navigation').getByLabel('1 dead letter').waitFor();
});

it('new runs come into the list of runs', async (w, page) => {
  await show(page, '#/runs?flow=campaigns');
  await page.getByText('Live', { exact: true }).waitFor();
  const before = (await w.runs()).filter((r) => r.flow === 'campaigns').length;
  await w.play_iconik('approve-asset', { asset: 'packshot-side' });
  await page.waitForFunction((n) => document.querySelectorAll('.table-row').length > n ||
    [...document.querySelectorAll('main button')].some((b) => /new|fresh/i.test(b.textContent)), before);
});

it('the page runs under a policy that allows its own files and nothing else', async (w, page) => {
  const reply = await fetch(w.url);
  const policy = reply.headers.get('content-security-policy');
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    assert.ok(policy.includes(part), part);
  assert.ok(!policy.includes('unsafe'));
  assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(reply.headers.get('referrer-policy'), 'no-referrer');
  await show(page, '#/');
  const blocked = await page.evaluate(() => new Promise((told) => {
    document.addEventListener('securitypolicyviolation', (e) => told(e.violatedDirective));
    const script = document.createElement('script');
    script.textContent = 'window.smuggled = true';
    document.body.append(script);
    if (window.smuggled) told('');
  }));
  page.seen.violations.length = 0; // the one that was provoked
  assert.ok(blocked, 'a script that is no file of the host is refused');
});
