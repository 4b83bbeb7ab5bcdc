// SPDX-License-Identifier: Apache-2.0
// What begins a test file: one world and one browser for its tests, ended whatever happens; a picture of the page and the
// host's last words when a test fails.
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { close_browser, close_page, open_page } from './browser.mjs';
import { world } from './world.mjs';

/**
 * Gives it(name, body): body(w, page, open), with a page that is signed in as options.as ("admin"); open(more) opens a
 * further one. options: those of world.start().
 */
export function browser_tests(options = {}) {
  let w;
  const tokens = {};
  before(async () => { w = await world.start(options); });
  after(async () => {
    await close_browser();
    await w?.stop();
  });
  const token_of = async (role) => (tokens[role] ??= await w.token_of(role, `test-${role}`));

  return function it(name, body, how = {}) {
    test(name, { timeout: 280_000 }, async () => {
      const pages = [];
      const open = async (more = {}) => {
        const role = more.as ?? how.as ?? 'admin';
        const page = await open_page(w, {
          ...how, ...more, signed_in_as: role === 'nobody' ? undefined : await token_of(role),
        });
        pages.push(page);
        return page;
      };
      try {
        await body(w, await open(), open);
        for (const p of pages.splice(0)) await close_page(p);
      } catch (e) {
        const picture = join(tmpdir(), `mortise-console-${name.replace(/\W+/g, '-').slice(0, 60)}.png`);
        await pages[0]?.screenshot({ path: picture }).catch(() => {});
        console.error(`picture: ${picture}\npage: ${pages[0]?.seen.errors.join("\n")}\nhost: ${w.host?.output.slice(-2000)}`);
        throw e;
      } finally {
        for (const p of pages) await p.context().close().catch(() => {});
      }
    });
  };
}
