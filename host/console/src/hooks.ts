// SPDX-License-Identifier: Apache-2.0
// Asking the host from a page.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { LiveEvents, Page } from "./api";
import { noRows, type Paged, showFresh, withPage, withPush } from "./lib/pages";
import { messageOf } from "./lib/problem";
import { type QueryValue, href } from "./lib/query";
import { goQuietly, live, place, resync } from "./state";

export interface Asked<T> {
    data: T | undefined; // the last answer, also while a newer one is under way
    error: unknown;
    loading: boolean;
    reload: () => void;
}

// Asks again when `key` changes, on reload(), when the stream was lost and is back; every so many
// milliseconds when given.
export function useQuery<T>(
    key: string, fn: (signal: AbortSignal) => Promise<T>, everyMs = 0,
): Asked<T> {
    const [state, setState] = useState<{ key: string; data?: T; error?: unknown; loading: boolean }>(
        { key, loading: true });
    const [turn, setTurn] = useState(0);
    const latest = useRef(fn);
    latest.current = fn;
    const again = resync.value;
    useEffect(() => {
        const control = new AbortController();
        setState((s) => (s.key === key ? { ...s, loading: true } : { key, loading: true }));
        latest.current(control.signal).then(
            (data) => { if (!control.signal.aborted) setState({ key, data, loading: false }); },
            (error: unknown) => {
                if (!control.signal.aborted) setState((s) => ({ key, data: s.data, error, loading: false }));
            });
        return () => control.abort();
    }, [key, turn, again]);
    const reload = useCallback(() => setTurn((n) => n + 1), []);
    useEffect(() => {
        if (everyMs <= 0) return;
        const timer = setInterval(() => { if (!document.hidden) reload(); }, everyMs);
        return () => clearInterval(timer);
    }, [everyMs]);
    const current = state.key === key;
    return {
        data: current ? state.data : undefined,
        error: current ? state.error : undefined,
        loading: !current || state.loading,
        reload,
    };
}

export interface PagedQuery<Row> extends Paged<Row> {
    error: unknown;
    loading: boolean;
    more: () => void; // the next page, if there is one and none is under way
    reload: () => void;
    showFresh: () => void;
    // A row was pushed; see withPush.
    push: (row: Row, fits: boolean, atTop: boolean) => void;
}

export function usePages<Row>(
    key: string,
    fn: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
    id: (row: Row) => string,
): PagedQuery<Row> {
    const [list, setList] = useState<Paged<Row>>(noRows<Row>());
    const [status, setStatus] = useState<{ loading: boolean; error?: unknown }>({ loading: true });
    const [turn, setTurn] = useState(0);
    const asking = useRef<AbortController | null>(null);
    const latest = useRef({ fn, id, list, busy: true });
    // After a refusal nothing is asked by itself: a person tries again.
    latest.current = { fn, id, list, busy: status.loading || status.error !== undefined };

    const ask = useCallback((cursor: string | undefined) => {
        asking.current?.abort();
        const control = new AbortController();
        asking.current = control;
        setStatus({ loading: true });
        latest.current.fn(cursor, control.signal).then(
            (page) => {
                if (control.signal.aborted) return;
                setList((l) => withPage(cursor === undefined ? noRows<Row>() : l, page, latest.current.id));
                setStatus({ loading: false });
            },
            (error: unknown) => {
                if (!control.signal.aborted) setStatus({ loading: false, error });
            });
    }, []);
    const again = resync.value;
    useEffect(() => {
        ask(undefined);
        return () => asking.current?.abort();
    }, [key, turn, again]);

    return {
        ...list,
        ...{ error: undefined, ...status },
        more: useCallback(() => {
            const { list: l, busy } = latest.current;
            if (!busy && l.next !== null) ask(l.next);
        }, []),
        reload: useCallback(() => setTurn((n) => n + 1), []),
        showFresh: useCallback(() => setList(showFresh), []),
        push: useCallback((row: Row, fits: boolean, atTop: boolean) =>
            setList((l) => withPush(l, row, { id: latest.current.id, fits, atTop })), []),
    };
}

// The page's filters as they stand in the address; set() changes some of them.
export function useFilters<Name extends string>(names: readonly Name[]) {
    const { path, query } = place.value;
    const values = useMemo(() => {
        const out = {} as Record<Name, string>;
        for (const n of names) out[n] = query[n] ?? "";
        return out;
    }, [JSON.stringify(query), names.join()]);
    const set = useCallback((change: Partial<Record<Name, QueryValue>>) => {
        const { path: p, query: q } = place.value;
        goQuietly(href(...p, { ...q, ...(change as Record<string, QueryValue>) }));
    }, []);
    const clear = useCallback(() => goQuietly(href(...place.value.path)), []);
    const active = names.filter((n) => values[n] !== "").length;
    return { values, set, clear, active, path };
}

export function useLive<K extends keyof LiveEvents>(name: K, fn: (value: LiveEvents[K]) => void) {
    const latest = useRef(fn);
    latest.current = fn;
    useEffect(() => live.on(name, (value) => latest.current(value)), [name]);
}

// The present, once a second while the page is seen: for relative times and running durations.
export function useNow(everyMs = 1000): number {
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => { if (!document.hidden) setNow(Date.now()); }, everyMs);
        return () => clearInterval(timer);
    }, [everyMs]);
    return now;
}

// An action of a person: busy while it is under way, its refusal as text.
export function useAction<Args extends unknown[]>(fn: (...args: Args) => Promise<void>) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState("");
    const run = async (...args: Args) => {
        setBusy(true);
        setError("");
        try {
            await fn(...args);
        } catch (e) {
            setError(messageOf(e));
        } finally {
            setBusy(false);
        }
    };
    return { run, busy, error, clear: () => setError("") };
}
