// SPDX-License-Identifier: Apache-2.0
// The host's stream of changes. The browser mends short cuts by itself; a refused stream (restart,
// too many streams) is tried again with growing pauses, and until it is back the figures are polled.
// Everything it needs of the world is passed in, so that it can be tested without one.
import type { LiveEvents } from "../types";

export type LiveState = "off" | "connecting" | "live" | "polling";
export type LiveName = keyof LiveEvents;
type Listener<K extends LiveName> = (value: LiveEvents[K]) => void;

export interface Stream {
    onopen: (() => void) | null;
    onerror: (() => void) | null;
    readonly readyState: number; // 2: closed for good
    addEventListener(type: string, fn: (e: { data: string }) => void): void;
    close(): void;
}
export interface LiveWorld {
    open: () => Stream;
    poll: () => Promise<Partial<LiveEvents>>; // what the stream would have told
    setTimer: (fn: () => void, ms: number) => unknown;
    clearTimer: (id: unknown) => void;
    tell: (state: LiveState) => void;
}

export const retryPauses = [2_000, 4_000, 8_000, 15_000, 30_000];
export const pollPause = 5_000;
const names: LiveName[] = ["traffic", "run", "connection", "counts", "health", "config"];

export class LiveFeed {
    private readonly listeners = new Map<LiveName, Set<Listener<LiveName>>>();
    private stream: Stream | null = null;
    private failures = 0;
    private retryTimer: unknown = null;
    private pollTimer: unknown = null;
    private running = false;

    constructor(private readonly world: LiveWorld) {}

    on<K extends LiveName>(name: K, fn: Listener<K>): () => void {
        const all = this.listeners.get(name) ?? new Set();
        this.listeners.set(name, all);
        all.add(fn as Listener<LiveName>);
        return () => all.delete(fn as Listener<LiveName>);
    }

    start() {
        if (this.running) return;
        this.running = true;
        this.connect();
    }

    // Asks once for what the stream tells by changes only.
    refresh() {
        this.world.poll().then((values) => this.emitAll(values), () => { /* the next change tells */ });
    }

    stop() {
        this.running = false;
        this.stream?.close();
        this.stream = null;
        this.world.clearTimer(this.retryTimer);
        this.endPolling();
        this.world.tell("off");
    }

    private connect() {
        if (!this.running) return;
        if (this.pollTimer === null) this.world.tell("connecting");
        const stream = this.world.open();
        this.stream = stream;
        stream.onopen = () => {
            this.failures = 0;
            this.endPolling();
            this.world.tell("live");
        };
        stream.onerror = () => this.lost(stream);
        for (const name of names) {
            stream.addEventListener(name, (e) => this.deliver(name, e.data));
        }
    }

    private lost(stream: Stream) {
        if (!this.running || stream !== this.stream) return;
        ++this.failures;
        if (stream.readyState !== 2) {
            // The browser tries again by itself; poll when it does not get through.
            this.world.tell("connecting");
            if (this.failures > 2) this.beginPolling();
            return;
        }
        stream.close();
        this.beginPolling();
        const pause = retryPauses[Math.min(this.failures, retryPauses.length) - 1]!;
        this.retryTimer = this.world.setTimer(() => this.connect(), pause);
    }

    private deliver(name: LiveName, data: string) {
        let value: LiveEvents[LiveName];
        try {
            value = JSON.parse(data) as LiveEvents[LiveName];
        } catch {
            return; // a broken frame is no reason to lose the rest
        }
        this.emit(name, value);
    }

    private emit(name: LiveName, value: LiveEvents[LiveName]) {
        for (const fn of this.listeners.get(name) ?? []) fn(value);
    }

    private emitAll(values: Partial<LiveEvents>) {
        for (const name of names) {
            const value = values[name];
            if (value !== undefined) this.emit(name, value);
        }
    }

    private beginPolling() {
        if (this.pollTimer !== null) return;
        const again = () => {
            this.pollTimer = this.world.setTimer(async () => {
                try {
                    const values = await this.world.poll();
                    if (this.pollTimer === null) return;
                    this.world.tell("polling");
                    this.emitAll(values);
                } catch {
                    if (this.pollTimer === null) return;
                    this.world.tell("connecting");
                }
                again();
            }, pollPause);
        };
        again();
    }

    private endPolling() {
        this.world.clearTimer(this.pollTimer);
        this.pollTimer = null;
    }
}
