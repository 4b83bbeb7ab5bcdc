// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

import { LiveFeed, pollPause, retryPauses, type Stream } from "../src/lib/live-feed";
import type { Counts } from "../src/types";

class FakeStream implements Stream {
    onopen: (() => void) | null = null;
    onerror: (() => void) | null = null;
    readyState = 0;
    closed = false;
    private readonly heard = new Map<string, (e: { data: string }) => void>();
    addEventListener(type: string, fn: (e: { data: string }) => void) { this.heard.set(type, fn); }
    close() { this.closed = true; }
    opens() { this.readyState = 1; this.onopen?.(); }
    breaks(forGood: boolean) { this.readyState = forGood ? 2 : 0; this.onerror?.(); }
    sends(type: string, data: string) { this.heard.get(type)?.({ data }); }
}

function world() {
    const streams: FakeStream[] = [];
    const timers = new Map<number, { fn: () => void; ms: number }>();
    const states: string[] = [];
    let polls = 0;
    let last = 0;
    let pollAnswer: () => Promise<{ counts?: Counts }> = async () => ({ counts: { backlog: 7 } as Counts });
    const feed = new LiveFeed({
        open: () => { const s = new FakeStream(); streams.push(s); return s; },
        poll: () => { ++polls; return pollAnswer(); },
        setTimer: (fn, ms) => { timers.set(++last, { fn, ms }); return last; },
        clearTimer: (id) => { timers.delete(id as number); },
        tell: (s) => { states.push(s); },
    });
    return {
        feed, streams, states,
        polls: () => polls,
        pollWith: (fn: typeof pollAnswer) => { pollAnswer = fn; },
        pauses: () => [...timers.values()].map((t) => t.ms).sort((a, b) => a - b),
        fire: async (ms: number) => {
            const hit = [...timers].find(([, t]) => t.ms === ms);
            assert.ok(hit, `no timer of ${ms}; there are ${[...timers.values()].map((t) => t.ms)}`);
            timers.delete(hit[0]);
            hit[1].fn();
            await new Promise((r) => setImmediate(r));
        },
    };
}

test("what the host pushes reaches those who listen, until they stop", () => {
    const w = world();
    const seen: number[] = [];
    const off = w.feed.on("counts", (c) => seen.push(c.backlog));
    w.feed.start();
    w.streams[0]!.opens();
    w.streams[0]!.sends("counts", "{\"backlog\":1}");
    w.streams[0]!.sends("counts", "{broken");
    w.streams[0]!.sends("counts", "{\"backlog\":2}");
    off();
    w.streams[0]!.sends("counts", "{\"backlog\":3}");
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual(w.states, ["connecting", "live"]);
});

test("a refused stream is tried again with growing pauses, and polled meanwhile", async () => {
    const w = world();
    const seen: number[] = [];
    w.feed.on("counts", (c) => seen.push(c.backlog));
    w.feed.start();
    for (let i = 0; i < retryPauses.length + 1; ++i) {
        w.streams.at(-1)!.breaks(true);
        const pause = retryPauses[Math.min(i, retryPauses.length - 1)]!;
        assert.deepEqual(w.pauses(), [pause, pollPause].sort((a, b) => a - b));
        await w.fire(pollPause);
        await w.fire(pause);
    }
    assert.equal(w.streams.length, retryPauses.length + 2);
    assert.equal(w.polls(), retryPauses.length + 1);
    assert.deepEqual([...new Set(seen)], [7]);
    w.streams.at(-1)!.opens();
    assert.equal(w.states.at(-1), "live");
    assert.deepEqual(w.pauses(), [], "polling ends when the stream is back");
});

test("a short cut is left to the browser, a long one is polled through", async () => {
    const w = world();
    w.feed.start();
    w.streams[0]!.opens();
    w.streams[0]!.breaks(false);
    assert.equal(w.states.at(-1), "connecting");
    assert.deepEqual(w.pauses(), []);
    w.streams[0]!.breaks(false);
    w.streams[0]!.breaks(false);
    assert.deepEqual(w.pauses(), [pollPause]);
    await w.fire(pollPause);
    assert.equal(w.states.at(-1), "polling");
    w.streams[0]!.opens();
    assert.equal(w.states.at(-1), "live");
    assert.equal(w.streams.length, 1, "no second stream beside the browser's own");
});

test("a host that is away does not end the polling", async () => {
    const w = world();
    w.pollWith(async () => { throw new Error("away"); });
    w.feed.start();
    w.streams[0]!.breaks(true);
    await w.fire(pollPause);
    assert.equal(w.states.at(-1), "connecting");
    w.pollWith(async () => ({}));
    await w.fire(pollPause);
    assert.equal(w.states.at(-1), "polling");
});

test("stop() closes the stream and forgets every timer", () => {
    const w = world();
    w.feed.start();
    w.streams[0]!.breaks(true);
    w.feed.stop();
    assert.deepEqual(w.pauses(), []);
    assert.ok(w.streams[0]!.closed);
    assert.equal(w.states.at(-1), "off");
    w.streams[0]!.breaks(true);
    assert.deepEqual(w.pauses(), [], "a stopped feed stays stopped");
});
