// SPDX-License-Identifier: Apache-2.0
// The rest of the admin API's answers: plugins, settings, ledger, backfills, tokens, reload.
import type { ProblemPlace } from "./lib/problem";
import type { Json, Role } from "./types";

export interface Plugin {
    id: string;
    title: string;
    version: string;
    vendor: string;
    kinds: string[];
    abi: string;
    state: "loaded" | "refused" | "retired";
    file: string;
    sha256: string;
    connectors: { id: string; title: string; operations: number; triggers: number }[];
    flows: { id: string; title: string }[];
    refusal?: string;
}
export interface PluginDetails extends Omit<Plugin, "connectors" | "flows"> {
    connectors: ConnectorManifest[];
    flows: FlowManifest[];
    [more: string]: unknown;
}
export interface OperationManifest {
    id: string;
    title: string;
    doc?: string;
    effect_class: string;
    input_schema?: Json;
    output_schema?: Json;
    lookup_operation?: string;
    blocking?: boolean;
    concurrent?: boolean;
    [more: string]: unknown;
}
export interface TriggerManifest {
    id: string;
    title: string;
    doc?: string;
    kinds?: string[];
    default_poll_interval_s?: number;
    config_schema?: Json;
    events?: { type: string; title: string; doc?: string; data_schema?: Json }[];
    [more: string]: unknown;
}
export interface ConnectorManifest {
    id: string;
    title: string;
    doc?: string;
    config_schema?: Json;
    operations: OperationManifest[];
    triggers: TriggerManifest[];
    [more: string]: unknown;
}
export interface FlowManifest {
    id: string;
    title: string;
    doc?: string;
    config_schema?: Json;
    roles?: { name: string; connectors: string[]; doc?: string; operations: string[] }[];
    subscriptions?: { role: string; event_type: string }[];
    [more: string]: unknown;
}

export interface Setting {
    path: string;
    title: string;
    description: string;
    value: Json;
    default: boolean;
    secret: boolean;
    reference?: { [kind: string]: string };
    file?: string;
    line?: number;
}
export interface SettingsSection {
    path: string;
    title: string;
    file?: string;
    line?: number;
    settings: Setting[];
}
export interface Settings { files: string[]; revision: string; sections: SettingsSection[] }

export interface LedgerEntry {
    seq: number;
    at: number;
    hash: string;
    actor?: string;
    operation?: string;
    connection?: string;
    object?: string;
    outcome?: string;
    run?: string;
    [more: string]: Json | undefined;
}
export interface LedgerVerification {
    ok: boolean;
    entries: number;
    first_bad_seq: number | null;
    what: string;
    last_seq: number;
    last_hash: string;
    took_ms: number;
}

export interface Backfill {
    connection: string;
    trigger: string;
    state: string;
    [more: string]: Json | undefined;
}

export interface Token {
    name: string;
    role: Role;
    created_at: number;
    expires_at: number | null;
    last_used_at: number;
    source: "journal" | "configuration";
}
export interface NewToken { name: string; role: Role; token: string; expires_at?: number | null }

export interface ReloadDone {
    revision: string;
    changed: {
        connections: { added: string[]; changed: string[]; removed: string[] };
        flows: { added: string[]; changed: string[]; removed: string[] };
    };
    restart_needed: string[];
    warnings: ProblemPlace[];
    stranded: { flow: string; under_way: number; waiting: number; runs: string[] }[];
}
