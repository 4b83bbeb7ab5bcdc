// SPDX-License-Identifier: Apache-2.0
// The answers of the admin API, as docs/admin-api.md and /api/v1/openapi.json describe them.
// Times are Unix milliseconds; 0 where there is none.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Role = "viewer" | "operator" | "admin";

export const runStates = [
    "ready", "active", "waiting", "succeeded", "failed", "in_doubt", "cancelled", "discarded",
] as const;
export type RunState = (typeof runStates)[number];
export type StepKind =
    "call" | "sleep" | "wait_event" | "record" | "link" | "state" | "transfer" | "spawn";
export type StepState = "started" | "waiting" | "retrying" | "done" | "failed";

export interface Session { who: string; role: Role; csrf: string; expires_at: number }

export interface Failure {
    code: string;
    category: string;
    effect: string;
    message: string;
    http_status?: number;
    details?: Json;
}

export interface Run {
    id: string;
    flow: string;
    plugin: string;
    plugin_version: string;
    config_revision: string;
    state: RunState;
    key: string;
    event_type: string;
    event_subject: string;
    created_at: number;
    updated_at: number;
    wake_at: number;
    starts: number;
    result?: Json;
    failure?: Failure;
    failed_step?: string;
    fingerprint?: string;
    held_by?: string;
    cancel_reason?: string;
    parent?: string;
    parent_step?: string;
    event_edited?: boolean;
}

export interface Step {
    key: string;
    kind: StepKind;
    target: string;
    state: StepState;
    attempts: number;
    started_at: number;
    finished_at: number;
    wake_at: number;
    input: Json;
    result: Json;
    failure?: Failure;
    edited?: boolean;
    tries?: Try[]; // oldest first; none when the first attempt ended the step
    tries_left_out?: number;
}

// What became of an attempt, and what was then waited for.
export interface Try {
    number: number; // among all of the step's
    attempt: number; // 0: none was made
    began_at: number; // 0: not known
    ended_at: number;
    limited_ms?: number;
    outcome: "retrying" | "held" | "done" | "found" | "failed" | "in_doubt" | "cancelled" | "cut_off";
    waits_for: "none" | "back_off" | "retry_after" | "breaker" | "pause" | "person";
    waits_until: number;
    failure?: Failure;
}

export interface Event {
    ref: string;
    id: string;
    source: string;
    type: string;
    subject: string;
    via: string;
    time: number;
    accepted_at: number;
    data: Json;
    trace_parent?: string;
}
export interface EventDetails extends Event { runs: Run[] }

export interface Note { at: number; who: string; action: string; detail: Json; what?: string }
export interface Advice { look: string[]; commands: { when: string; command: string }[] }
export interface LinkedObject {
    connection: string;
    operation: string;
    object: string;
    outcome: string;
    at: number | string;
    step: string;
    seq?: number; // of the ledger
}
export interface Link { relation: string; a: string; b: string; data: Json; updated_at: number }

export interface RunDetails extends Run {
    newer_run?: string; // of a dead letter: succeeded for the same key, made later
    event: Event;
    steps: Step[];
    children: Run[];
    notes: Note[];
    advice: Advice;
    objects?: LinkedObject[];
    links?: Link[];
    trace_id?: string;
}

export interface Page<Row> { rows: Row[]; next: string | null }

export interface Reason { code: string; message: string; since: number }
export interface Health {
    ready: boolean;
    state: "starting" | "ready" | "draining";
    reasons: Reason[];
    informs?: Reason[];
}

export interface Counts {
    events: number;
    runs: Partial<Record<RunState, number>>;
    backlog: number;
    held: number;
    dead_letters: number;
    ledger_entries: number;
}

export interface Traffic {
    step_ms: number;
    from: number;
    events: number[];
    succeeded: number[];
    failed: number[];
    calls: number[];
}

export interface Overview {
    host: {
        version: string;
        abi: string;
        host_id: string;
        started_at: number;
        now: number;
        config_file: string;
        config_revision: string;
        config_loaded_at: number;
    };
    health?: Health; // while the host begins it may not be known
    counts: Counts;
    traffic: Traffic;
    memory: { rss_bytes: number };
    journal: { file_bytes: number };
}

export interface TopologyNode {
    id: string;
    kind: "connection" | "flow";
    name: string;
    plugin: string;
    title: string;
    state: "well" | "failing" | "paused" | "off" | "dead_letters";
    detail?: string;
    active?: number;
    waiting?: number;
    dead_letters?: number;
}
export interface TopologyEdge {
    id: string;
    from: string;
    to: string;
    kind: "trigger" | "call";
    role: string;
    last_minute: { events?: number; calls?: number; errors: number };
    last_at: number;
}
export interface Topology { nodes: TopologyNode[]; edges: TopologyEdge[] }

export interface DeadLetterGroup {
    fingerprint: string;
    flow: string;
    plugin: string;
    step: string;
    code: string;
    message: string;
    failed: number;
    in_doubt: number;
    first_at: number;
    last_at: number;
    oldest: string;
}

export type BulkAction = "retry" | "discard" | "edit";
export interface BulkRequest {
    action: BulkAction;
    fingerprint?: string;
    flow?: string;
    all?: boolean;
    runs_per_second?: number;
    give_up_after?: number;
    redo?: boolean;
    reason?: string;
    patch?: Json;
}
export interface BulkJob {
    id: string;
    action: BulkAction;
    state: "running" | "done" | "stopped" | "cancelled" | "failed";
    fingerprint?: string;
    flow?: string;
    all?: boolean;
    who?: string;
    why?: string;
    total: number;
    done: number;
    failed: number;
    left_out: number;
    last_problem?: string;
    under_way?: number;
    started_at: number;
    updated_at: number;
    ended_at?: number;
}

export interface EditForm {
    event: { schema: Json; value: Json } | null;
    step: { key: string; schema: Json; value: Json } | null;
}
export interface RunEdit {
    event?: Json;
    input?: Json;
    patch?: Json;
    step?: string;
    dry_run?: boolean;
}
export interface RunDone { run: string; state: RunState }
export interface CancelDone { run: string; ended: string[]; told: string[]; active: string[] }

export interface Connection {
    name: string;
    connector: string;
    version: string;
    triggers: string[];
    open_calls: number;
    requests_queued: number;
    requests_in_flight: number;
    waits_ms: number;
    breaker: "closed" | "open" | "half_open" | string;
    failures_in_a_row: number;
    sign_ins_refused?: number;
    locked_out?: boolean; // the credentials are refused, not one token that had just expired
    probe_in_ms: number;
    paused: { since: number; reason: string } | null;
    polls?: { [trigger: string]: { count: number; last_at: number } };
    last_error?: (Failure & { at?: number }) | string | null;
}
export interface TriggerState {
    id: string;
    title: string;
    open: boolean;
    polls?: boolean | number;
    last_poll_at: number;
    cursor: Json;
}
export interface ConnectionDetails extends Omit<Connection, "triggers" | "polls"> {
    triggers: TriggerState[];
    settings: { [name: string]: Json };
    limits: { [name: string]: Json };
    used_by: string[];
    operations: string[];
    last_error: (Failure & { at?: number }) | string | null;
}

export interface Flow {
    name: string;
    plugin: string;
    plugin_version: string;
    loaded: boolean;
    enabled: boolean;
    roles: {
        [role: string]: {
            connection: string;
            connector: string;
            operations: BoundOperation[];
        };
    };
    weakest: BoundOperation | null;
}
export interface BoundOperation {
    role: string;
    connection: string;
    operation: string;
    effect_class: string;
    offered: boolean;
}

export type * from "./types-more";

// ---- /api/v1/live ----

export interface TrafficTick {
    at: number;
    edges: { id: string; n: number; errors: number }[];
    events: number;
    succeeded: number;
    failed: number;
    calls: number;
}
export interface LiveEvents {
    traffic: TrafficTick;
    run: Run & { dropped?: number };
    connection: Connection;
    counts: Counts;
    health: Health;
    config: { revision: string };
}
