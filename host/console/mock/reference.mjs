// SPDX-License-Identifier: Apache-2.0
// What hardly changes in the mock's world: plugins with manifests, settings with their lines.
import { connections, flows } from "./story.mjs";

const text = (title, more = {}) => ({ type: "string", title, ...more });
const object = (properties, required = []) => ({ type: "object", properties, required, additionalProperties: false });

const operations = {
    iconik: [
        ["assets.get", "Read an asset", "read", object({ asset_id: text("Asset", { format: "uuid" }), fields: { type: "array", items: text("Field") } }, ["asset_id"])],
        ["metadata.put", "Write metadata of an asset", "idempotent", object({ asset_id: text("Asset"), view: text("View"), values: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } } }, ["asset_id", "values"])],
        ["assets.archive", "Move an asset to the archive", "lookup_first", object({ asset_id: text("Asset") }, ["asset_id"])],
    ],
    "xecm-workspaces": [
        ["workspaces.find", "Find a workspace by business object", "read", object({ system: text("System"), type: text("Type"), id: text("Id") }, ["system", "type", "id"])],
        ["references.put", "Put a reference into a folder", "lookup_first", object({ node: { type: "integer", title: "Folder", minimum: 1 }, name: text("Name", { minLength: 1, maxLength: 248 }), link: text("Link", { format: "uri" }), count: { type: "integer", minimum: 1 } }, ["node", "name"])],
        ["workflows.start", "Start a review", "unsafe", object({ map: text("Workflow map"), attachments: { type: "array", items: { type: "integer" } } }, ["map"])],
    ],
    netx: [["files.get", "Read a file", "read", object({ asset: { type: "integer" } }, ["asset"])]],
    "trading-grid": [["documents.get", "Fetch a document", "read", object({ id: text("Id") }, ["id"])]],
};
const triggers = { iconik: [["changes", "Changed assets"], ["webhook", "Notifications"]], "xecm-workspaces": [["changes", "Changed nodes and workflows"]], netx: [["changes", "Changed assets"]], "trading-grid": [["inbox", "Documents received"]] };

const plugins = [
    ...connections.map((c) => ({ id: c.connector, title: c.title, version: c.version, kind: "connector" })),
    ...flows.map((f) => ({ id: f.plugin, title: f.title, version: "1.3.0", kind: "flow" })),
];

export function pluginList() {
    return [...plugins.map((p) => ({
        id: p.id, title: p.title, version: p.version, vendor: "Mortise", kinds: [p.kind], abi: "1.2", state: "loaded",
        file: `/usr/lib/mortise/plugins/${p.id}.so`, sha256: "9b74c9897bac770ffc029102a200c5de5f2f1c9e8b0d1e2a77af01c2b0aa1f3d",
        connectors: p.kind === "connector" ? [{ id: p.id, title: p.title, operations: operations[p.id].length, triggers: triggers[p.id].length }] : [],
        flows: p.kind === "flow" ? [{ id: p.id, title: p.title }] : [],
    })), {
        id: "old-archive", title: "Old archive", version: "0.1.0", vendor: "ACME", kinds: [], abi: "0.9", state: "refused",
        file: "/usr/lib/mortise/plugins/old-archive.so", sha256: "1f3d9b74c9897bac770ffc029102a200c5de5f2f1c9e8b0d1e2a77af01c2b0aa",
        connectors: [], flows: [], refusal: "built for ABI 0.9; this host takes 1.0 to 1.2. Build it anew against the SDK of today.",
    }];
}

export function plugin(id) {
    const p = pluginList().find((x) => x.id === id);
    if (!p) return null;
    const full = (c) => ({
        ...c, doc: `Connects Mortise with ${c.title}.`, config_schema: object({ base_url: text("Address", { format: "uri", description: "Of the tenant." }), password: text("Password", { writeOnly: true }) }, ["base_url"]),
        operations: operations[id].map(([op, title, effect_class, input]) => ({ id: op, title, doc: `${title}. What is not there answers not_found.`, effect_class, input_schema: input, output_schema: object({ node: { type: "integer" }, version: { type: "integer" } }), look_up: effect_class === "lookup_first" ? "workspaces.find" : null })),
        triggers: triggers[id].map(([t, title]) => ({ id: t, title, doc: `${title}, by webhook and by poll.`, event_types: [{ type: `${id}.asset.changed`, schema: object({ asset_id: text("Asset"), title: text("Title") }, ["asset_id"]) }] })),
    });
    return {
        ...p, connectors: p.connectors.map(full),
        flows: p.flows.map((f) => ({ ...f, doc: `${f.title}: what changes on one side is told to the other.`, config_schema: object({ asset_link: text("Link", { format: "uri-template" }) }), roles: { dam: { connector: "iconik", operations: ["assets.get"] }, workspaces: { connector: "xecm-workspaces", operations: ["workspaces.find"] } } })),
    };
}

export function settings() {
    const file = "/etc/mortise/mortise.toml";
    let line = 3;
    const section = (path, title, list) => {
        line += 2;
        const head = line;
        return {
            path, title, file, line: head,
            settings: list.map(([name, title_, description, value, more = {}]) => {
                const s = { path: `${path}.${name}`, title: title_, description, value, default: false, secret: false, ...more };
                if (!s.default) Object.assign(s, { file, line: ++line });
                return s;
            }),
        };
    };
    return {
        files: [file, "/etc/mortise/conf.d/flows.toml"], revision: "r-7f31c2",
        sections: [
            section("host", "The host", [["shutdown_grace", "Time for runs at the end", "How long runs may go on when the host is told to end.", "5s"], ["log_level", "Log level", "From which level lines are written.", "info", { default: true }]]),
            section("host.http", "Webhooks", [["port", "Port", "Where webhooks and requests come in.", 8080], ["address", "Address", "", "127.0.0.1", { default: true }]]),
            section("connections.iconik", "Connection iconik", [["base_url", "Address", "Of the iconik domain.", "http://127.0.0.1:18081"], ["auth_token", "Token", "Of the application.", "***", { secret: true, reference: { env: "ICONIK_TOKEN" } }], ["metadata_views", "Views", "Whose fields are read.", ["Marketing"]]]),
            section("connections.iconik.limits", "Limits of iconik", [["requests_per_second", "Requests a second", "", 40], ["burst", "Burst", "", 100], ["timeout", "Time limit", "Of one request.", "30s", { default: true }]]),
            section("connections.otcs", "Connection otcs", [["base_url", "Address", "", "http://127.0.0.1:18082/otcs/cs"], ["password", "Password", "", "***", { secret: true, reference: { file: "/run/credentials/otcs" } }]]),
            section("flows.campaigns", "Flow campaigns", [["flow", "Flow", "", "campaign-asset-references"], ["connections.dam", "Role dam", "", "iconik"], ["connections.workspaces", "Role workspaces", "", "otcs"]]),
        ],
    };
}
