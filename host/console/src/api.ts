// SPDX-License-Identifier: Apache-2.0
// Every request the console makes of the host, typed. Errors are ApiError; 401 is also told to
// onSignedOut, so that the shell can show the sign-in page whatever page asked.
import { ApiError, toApiError } from "./lib/problem";
import { type QueryValue, queryString } from "./lib/query";
import type {
    Backfill, BulkJob, BulkRequest, CancelDone, Connection, ConnectionDetails, DeadLetterGroup,
    EditForm, Event, EventDetails, Flow, Health, Json, LedgerEntry, LedgerVerification, Link,
    NewToken, Note, Overview, Page, Plugin, PluginDetails, ReloadDone, Role, Run, RunDetails,
    RunDone, RunEdit, Session, Settings, Token, Topology,
} from "./types";

export { ApiError, messageOf } from "./lib/problem";
export { runStates } from "./types";
export type * from "./types";

let csrf = "";
let signedOut: () => void = () => {};
export function onSignedOut(fn: () => void) { signedOut = fn; }

interface Asked {
    query?: Record<string, QueryValue>;
    body?: unknown;
    signal?: AbortSignal;
    accept?: number[]; // refusals whose body is the answer all the same
}

async function ask<T>(method: string, path: string, how: Asked = {}): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (how.body !== undefined) headers["content-type"] = "application/json";
    if (method !== "GET" && csrf !== "") headers["x-csrf-token"] = csrf;
    let answer: Response;
    try {
        answer = await fetch(path + queryString(how.query ?? {}), {
            method,
            headers,
            body: how.body === undefined ? undefined : JSON.stringify(how.body),
            signal: how.signal,
            credentials: "same-origin",
            cache: "no-store",
        });
    } catch (e) {
        if (how.signal?.aborted) throw e;
        throw new ApiError(0, "console.no-answer",
            "The host is not responding. Check that it is running and that this computer can reach it.");
    }
    const text = await answer.text();
    let body: unknown;
    try {
        body = text === "" ? null : JSON.parse(text);
    } catch {
        body = null;
    }
    if (answer.ok || how.accept?.includes(answer.status)) return body as T;
    const problem = toApiError(answer.status, body, answer.headers.get("retry-after"));
    if (problem.signedOut) signedOut();
    throw problem;
}

const v1 = "/api/v1";
const at = (...parts: string[]) => `${v1}/${parts.map(encodeURIComponent).join("/")}`;
const get = <T>(path: string, query?: Record<string, QueryValue>, signal?: AbortSignal) =>
    ask<T>("GET", path, { query, signal });
const post = <T>(path: string, body: unknown = {}) => ask<T>("POST", path, { body });

// A list answer as a page, whatever its plural is called.
async function page<Row>(
    plural: string, path: string, query: Record<string, QueryValue>, signal?: AbortSignal,
): Promise<Page<Row>> {
    const o = await get<Record<string, unknown>>(path, query, signal);
    return { rows: (o[plural] as Row[] | undefined) ?? [], next: (o.next as string | null) ?? null };
}

function signedIn(s: Session): Session {
    csrf = s.csrf;
    return s;
}

export interface Paging { cursor?: string; limit?: number; [filter: string]: QueryValue }
export interface RunFilter extends Paging {
    state?: string;
    flow?: string;
    key?: string;
    type?: string;
    fingerprint?: string;
    since?: number;
    until?: number;
    q?: string;
}
export interface EventFilter extends Paging { type?: string; source?: string; subject?: string }
export interface LedgerFilter extends Paging {
    from?: number;
    since?: number;
    until?: number;
    object?: string;
    connection?: string;
    run?: string;
    actor?: string;
    operation?: string;
    q?: string;
    order?: "asc" | "desc";
}

export const api = {
    session: {
        now: async () => signedIn(await ask<Session>("GET", at("session"))),
        withToken: async (token: string) => signedIn(await post<Session>(at("session"), { token })),
        withCode: async (code: string) => signedIn(await post<Session>(at("session"), { code })),
        end: async () => {
            await ask<null>("DELETE", at("session"));
            csrf = "";
        },
    },
    health: () => ask<Health>("GET", "/health/ready", { accept: [503] }),
    overview: (signal?: AbortSignal) => get<Overview>(at("overview"), {}, signal),
    topology: (signal?: AbortSignal) => get<Topology>(at("topology"), {}, signal),

    runs: {
        list: (filter: RunFilter = {}, signal?: AbortSignal) =>
            page<Run>("runs", at("runs"), filter, signal),
        show: (id: string, signal?: AbortSignal) => get<RunDetails>(at("runs", id), {}, signal),
        editForm: (id: string) => get<EditForm>(at("runs", id, "edit-form")),
        retry: (id: string, how: { redo?: boolean; result?: Json; repin?: boolean; fresh?: boolean } = {}) =>
            post<RunDone>(at("runs", id, "retry"), how),
        edit: (id: string, change: RunEdit) =>
            post<RunDone & { ok?: boolean }>(at("runs", id, "edit"), change),
        discard: (id: string, reason: string) => post<RunDone>(at("runs", id, "discard"), { reason }),
        cancel: (id: string, reason: string) => post<CancelDone>(at("runs", id, "cancel"), { reason }),
    },
    events: {
        list: (filter: EventFilter = {}, signal?: AbortSignal) =>
            page<Event>("events", at("events"), filter, signal),
        show: (ref: string, signal?: AbortSignal) =>
            get<EventDetails>(at("events", ref), {}, signal),
    },
    deadLetters: (filter: Paging & { flow?: string } = {}, signal?: AbortSignal) =>
        page<DeadLetterGroup>("groups", at("dead-letters"), filter, signal),
    bulk: {
        list: (signal?: AbortSignal) => page<BulkJob>("jobs", at("bulk"), {}, signal),
        show: (id: string, signal?: AbortSignal) => get<BulkJob>(at("bulk", id), {}, signal),
        start: (request: BulkRequest) => post<BulkJob>(at("bulk"), request),
        cancel: (id: string) => post<BulkJob>(at("bulk", id, "cancel")),
    },
    flows: {
        list: (signal?: AbortSignal) => page<Flow>("flows", at("flows"), {}, signal),
        start: (name: string, event: { type?: string; subject?: string; data?: Json }) =>
            post<{ run: string }>(at("flows", name, "start"), event),
    },
    connections: {
        list: (signal?: AbortSignal) => page<Connection>("connections", at("connections"), {}, signal),
        show: (name: string, signal?: AbortSignal) =>
            get<ConnectionDetails>(at("connections", name), {}, signal),
        test: (name: string) => post<{ [finding: string]: Json }>(at("connections", name, "test")),
        pause: (name: string, reason: string) =>
            post<{ connection: string; paused: boolean }>(at("connections", name, "pause"), { reason }),
        resume: (name: string) =>
            post<{ connection: string; paused: boolean }>(at("connections", name, "resume")),
    },
    backfills: {
        list: (signal?: AbortSignal) => page<Backfill>("backfills", at("backfills"), {}, signal),
        start: (request: {
            connection: string; trigger: string; events_per_second?: number; again?: boolean;
        }) => post<Backfill>(at("backfills"), request),
        act: (connection: string, trigger: string, action: "pause" | "resume" | "cancel") =>
            post<Backfill>(at("backfills", connection, trigger, action)),
    },
    plugins: {
        list: (signal?: AbortSignal) => page<Plugin>("plugins", at("plugins"), {}, signal),
        show: (id: string, signal?: AbortSignal) => get<PluginDetails>(at("plugins", id), {}, signal),
    },
    settings: (signal?: AbortSignal) => get<Settings>(at("settings"), {}, signal),
    reload: () => post<ReloadDone>(at("reload")),
    ledger: {
        list: (filter: LedgerFilter = {}, signal?: AbortSignal) =>
            page<LedgerEntry>("entries", at("ledger"), filter, signal),
        verify: (signal?: AbortSignal) =>
            get<LedgerVerification>(at("ledger", "verification"), {}, signal),
        // For a link with `download`: the session's cookie goes with it.
        exportUrl: (format: "ndjson" | "csv") => `${at("ledger", "export")}?format=${format}`,
    },
    links: (filter: { relation?: string; limit?: number } = {}, signal?: AbortSignal) =>
        page<Link>("links", at("links"), filter, signal),
    notes: (limit = 100, signal?: AbortSignal) => page<Note>("notes", at("notes"), { limit }, signal),
    tokens: {
        list: (signal?: AbortSignal) => page<Token>("tokens", at("tokens"), {}, signal),
        make: (token: { name: string; role: Role; expires_at?: number }) =>
            post<NewToken>(at("tokens"), token),
        remove: (name: string) => ask<null>("DELETE", at("tokens", name)),
    },
    liveUrl: at("live"),
};
