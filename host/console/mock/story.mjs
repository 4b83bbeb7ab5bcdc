// SPDX-License-Identifier: Apache-2.0
// The world the mock tells of: eight flows between iconik and Business Workspaces after a night in
// which Content Server refused logins for a while. The same from start to start, but for the time.

export const hour = 3_600_000;
export const now = () => Date.now();
const began = now();

let seed = 7;
export function chance() {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
}
const pick = (list) => list[Math.floor(chance() * list.length)];
const hex = (n) => Array.from({ length: n }, () => Math.floor(chance() * 16).toString(16)).join("");
export function idAt(ms) {
    const t = ms.toString(16).padStart(12, "0");
    return `${t.slice(0, 8)}-${t.slice(8)}-7${hex(3)}-${"89ab"[Math.floor(chance() * 4)]}${hex(3)}-${hex(12)}`;
}

export const connections = [
    {
        name: "iconik", connector: "iconik", version: "1.4.0", triggers: ["changes", "webhook"], open_calls: 2,
        requests_queued: 0, requests_in_flight: 2, waits_ms: 0, breaker: "closed", failures_in_a_row: 0,
        probe_in_ms: 0, paused: null, state: "well", title: "iconik",
    },
    {
        name: "otcs", connector: "xecm-workspaces", version: "1.2.1", triggers: ["changes"], open_calls: 0,
        requests_queued: 14, requests_in_flight: 0, waits_ms: 0, breaker: "open", failures_in_a_row: 6,
        probe_in_ms: 21_000, paused: null, state: "failing", title: "Business Workspaces",
        detail: "6 failures in a row: 503 Service Unavailable",
    },
    {
        name: "netx", connector: "netx", version: "0.9.2", triggers: ["changes"], open_calls: 0, requests_queued: 0,
        requests_in_flight: 0, waits_ms: 0, breaker: "closed", failures_in_a_row: 0, probe_in_ms: 0,
        paused: { since: began - 5 * hour, reason: "licence is being renewed (ruth)" }, state: "paused",
        title: "NetX library", detail: "licence is being renewed (ruth)",
    },
    {
        name: "grid", connector: "trading-grid", version: "1.0.3", triggers: ["inbox"], open_calls: 1,
        requests_queued: 0, requests_in_flight: 1, waits_ms: 0, breaker: "closed", failures_in_a_row: 0,
        probe_in_ms: 0, paused: null, state: "well", title: "Trading Grid",
    },
];

export const flows = [
    ["campaigns", "campaign-asset-references", "Campaign references", ["iconik", "otcs"], ["assets.get", "workspaces.find", "references.put"]],
    ["rights", "rights-metadata-sync", "Rights on both sides", ["iconik", "otcs"], ["metadata.get", "items.find", "categories.put"]],
    ["accounts", "account-media-links", "Customer media", ["iconik", "otcs"], ["assets.get", "workspaces.find", "links.put"]],
    ["approval", "asset-approval", "Approval", ["iconik", "otcs"], ["assets.get", "workflows.start", "metadata.put"]],
    ["productions", "production-coordination", "Productions", ["iconik", "otcs"], ["assets.get", "milestones.put"]],
    ["archive", "project-archive", "Archive", ["otcs", "iconik"], ["projects.get", "assets.archive", "records.put"]],
    ["library", "library-transfer", "Library masters", ["netx", "iconik"], ["files.get", "assets.create", "files.put"]],
    ["orders", "order-confirmation", "Order papers", ["grid", "otcs"], ["documents.get", "documents.put"]],
].map(([name, plugin, title, uses, operations]) => ({ name, plugin, title, uses, operations }));

const types = {
    iconik: ["iconik.asset.changed", "iconik.asset.approved", "iconik.metadata.changed"],
    otcs: ["xecm.node.changed", "xecm.workflow.completed"],
    netx: ["netx.asset.changed"],
    grid: ["grid.document.received"],
};
const titles = ["Packshot Lumen One Front", "Packshot Lumen One Side", "Hero Film Spring Launch", "Social Cut 9:16", "Radio Spot 30s",
    "Lumen Demo", "Webinar Recording Q3", "Key Visual Autumn", "Product Sheet Lumen Two", "Interview Founders"];

const failures = {
    login: { code: "xecm.unauthorized", category: "auth", effect: "none", http_status: 401, message: "Content Server refused the login of user \"integration\" (401)" },
    folder: { code: "xecm.not-found", category: "not_found", effect: "none", http_status: 404, message: "the workspace of campaign C-1042 has no folder \"Media\"" },
    field: { code: "input.schema", category: "input", effect: "none", message: "/count: expected at least 1, found 0", details: { problems: [{ pointer: "/count", message: "expected at least 1, found 0" }] } },
    lost: { code: "http.timeout", category: "timeout", effect: "unknown", message: "no answer to POST /v2/nodes within 30 s; it may have been carried out" },
};

export const groups = [
    { fingerprint: "5c1e0a7d90b3f2c4", flow: "campaigns", plugin: "campaign-asset-references", step: "store", failure: failures.login, state: "failed", n: 38, from: 9 * hour, to: 7 * hour },
    { fingerprint: "a04b77e1c2d95f18", flow: "campaigns", plugin: "campaign-asset-references", step: "find workspace", failure: failures.folder, state: "failed", n: 6, from: 20 * hour, to: 2 * hour },
    { fingerprint: "e91d20b6a7f3c845", flow: "rights", plugin: "rights-metadata-sync", step: "write rights", failure: failures.field, state: "failed", n: 3, from: 30 * hour, to: 4 * hour },
    { fingerprint: "7730fe5ac18b2d96", flow: "approval", plugin: "asset-approval", step: "start review", failure: failures.lost, state: "in_doubt", n: 2, from: 6 * hour, to: 5.5 * hour },
];

function base(flow, at, state) {
    const from = flow.uses[0];
    const subject = idAt(at - 1);
    return {
        id: idAt(at), flow: flow.name, plugin: flow.plugin, plugin_version: "1.3.0", config_revision: "r-7f31c2", state,
        key: subject, event_type: pick(types[from]), event_subject: subject, created_at: at,
        updated_at: at + Math.floor(200 + chance() * 3_000), wake_at: 0, starts: 1,
    };
}

export function makeRuns(total) {
    const out = [];
    const open = { ready: 9, active: 3, waiting: 14 };
    for (const g of groups) {
        const flow = flows.find((f) => f.name === g.flow);
        for (let i = 0; i < g.n; ++i) {
            const at = Math.floor(began - g.from + ((g.from - g.to) * i) / g.n);
            out.push({ ...base(flow, at, g.state), failure: g.failure, failed_step: g.step, fingerprint: g.fingerprint, updated_at: at + 45_000, starts: 4 });
        }
    }
    for (const [state, n] of Object.entries(open)) {
        for (let i = 0; i < n; ++i) {
            const at = began - Math.floor(chance() * 10 * 60_000);
            const r = base(flows[i % flows.length], at, state);
            if (state === "waiting") {
                if (i % 3 === 0) r.held_by = "otcs";
                else r.wake_at = began + Math.floor(chance() * hour);
            }
            out.push(r);
        }
    }
    while (out.length < total) {
        const at = began - 60_000 - Math.floor(chance() ** 2 * 72 * hour);
        const odd = chance();
        const r = base(pick(flows), at, odd > 0.995 ? "discarded" : odd > 0.99 ? "cancelled" : "succeeded");
        if (r.state === "succeeded") r.result = { referenced: 1 };
        if (r.state === "cancelled") r.cancel_reason = "campaign withdrawn (ruth)";
        out.push(r);
    }
    return out.sort((a, b) => b.created_at - a.created_at);
}

export const eventOf = (run) => ({
    ref: `${run.id.slice(0, 8)}e`, id: `${run.key}@${run.created_at}`, source: `/connections/${flows.find((f) => f.name === run.flow).uses[0]}`,
    type: run.event_type, subject: run.event_subject, via: chanceOf(run.id) > 0.3 ? "webhook" : "poll", time: run.created_at - 900, accepted_at: run.created_at,
    data: {
        asset_id: run.key, title: titles[Math.floor(chanceOf(run.id) * titles.length)], changed_by: "lena@example.com", webhook_secret: "***",
        metadata: { campaign_id: ["C-1042"], rights_status: ["Cleared"], territories: ["DE", "AT", "CH"], keywords: ["lumen", "launch", "spring"], count: 0 },
        files: [{ name: "master.mov", size: 4_812_339_200, checksum: "xxh3:77af01c2b0aa" }, { name: "proxy.mp4", size: 48_233_900, checksum: null }],
    },
});
// The same figure for the same id.
export function chanceOf(id) {
    let h = 0;
    for (const c of id) h = (h * 31 + c.charCodeAt(0)) % 1_000_003;
    return h / 1_000_003;
}

export function detailsOf(run, runs) {
    const flow = flows.find((f) => f.name === run.flow);
    const [from, to] = flow.uses;
    const t = run.created_at;
    const dead = run.state === "failed" || run.state === "in_doubt";
    const step = (key, kind, target, at, took, more = {}) => ({
        key, kind, target, state: "done", attempts: 1, started_at: t + at, finished_at: took === null ? 0 : t + at + took, wake_at: 0,
        input: { id: run.key }, result: { ok: true, count: 1 }, ...more,
    });
    // Attempts from `at`, each with its length and what was then waited; the last one ends as said.
    const tries = (at, list, ends, failure) => {
        let began = t + at;
        return list.map(([took, waited, why], i) => {
            const last = i === list.length - 1;
            const ended = began + took;
            const one = {
                number: i + 1, attempt: i + 1, began_at: began, ended_at: ended, limited_ms: 0, outcome: last ? ends : "retrying",
                waits_for: why ?? "none", waits_until: why ? ended + waited : 0, ...(last && ends === "done" ? {} : { failure }),
            };
            began = ended + waited;
            return one;
        });
    };
    const steps = [
        step("read asset", "call", `dam:${flow.operations[0]}`, 40, 210, { input: { asset_id: run.key, fields: ["title", "metadata"] }, result: eventOf(run).data }),
        step("settle", "sleep", "2s", 260, 2_000, { input: null, result: null }),
        step("find workspace", "call", `workspaces:${flow.operations[1]}`, 2_270, 640, { attempts: 2, tries: tries(2_270, [[90, 480, "back_off"], [70, 0]], "done", failures.login), input: { system: "MRM", type: "campaign", id: "C-1042" }, result: { node: 48_211, name: "Spring Launch 2026" } }),
        step("each rendition", "spawn", "renditions", 2_920, 1_900, { result: { children: 2 } }),
    ];
    const last = flow.operations[flow.operations.length - 1];
    const failed = run.failed_step ?? "store";
    const store = step(failed, "call", `workspaces:${last}`, 4_830, 420, { input: { node: 48_211, name: eventOf(run).data.title, link: "http://127.0.0.1:18081/asset/77af01c2", password: "***" }, result: { node: 48_977, version: 1 } });
    const children = [0, 1].map((i) => ({ ...run, id: idAt(t + 3_000 + i), state: "succeeded", parent: run.id, parent_step: "each rendition", created_at: t + 3_000 + i * 120, updated_at: t + 4_100 + i * 500, failure: undefined, failed_step: undefined, fingerprint: undefined }));
    if (dead) {
        const same = steps.findIndex((x) => x.key === failed);
        if (same >= 0) steps.length = same; // it came no further
        const list = [[420, 500, "back_off"], [380, 1_000, "back_off"], [40, 3_000, "retry_after"], [400, 4_000, "back_off"], [410, 0]];
        Object.assign(store, { state: run.state === "failed" ? "failed" : "started", attempts: 5, tries: tries(4_830, list, run.state === "failed" ? "failed" : "in_doubt", run.failure), finished_at: run.state === "failed" ? run.updated_at : 0, result: null, failure: run.failure });
        steps.push(store);
    } else if (run.state === "waiting") {
        steps.push({ ...store, state: "retrying", attempts: 2, tries: tries(4_830, [[420, 500, "back_off"], [380, 20_000, "back_off"]], "retrying", failures.login), finished_at: 0, wake_at: run.wake_at || now() + 20_000, result: null, failure: failures.login });
    } else if (run.state === "active") {
        steps.push({ ...store, state: "started", finished_at: 0, result: null });
    } else if (run.state === "ready") {
        steps.length = 0;
    } else {
        steps.push(store, step("link", "link", "link_put:asset-reference", 5_260, 4, { input: { a: run.key, b: "node:48977" }, result: null }));
    }
    const id = run.id;
    const advice = { look: [], commands: [] };
    if (run.state === "failed") {
        advice.look.push(run.failure.category === "auth" ? "The system refused the credentials or the right to do this." : "The system refused what was sent; a repeat of the same will fail again.");
        if (run.failure.category !== "auth") advice.commands.push({ when: "the step's input is wrong", command: `mortise dead-letters edit ${id} --input FILE` });
        advice.commands.push(
            { when: "to see whether the system is well", command: `mortise connections test ${to}` },
            { when: "the cause is mended", command: `mortise dead-letters retry ${id}` },
            { when: "the cause is mended for all runs it stopped", command: `mortise dead-letters retry --group ${run.fingerprint}` },
            { when: "it need not be done any more", command: `mortise dead-letters discard ${id} --reason TEXT` });
    } else if (run.state === "in_doubt") {
        advice.look.push(`Step "${failed}" (workspaces:${last}) was begun and its answer never came. It must not be repeated blindly, so the run waits for you.`,
            `Look in the system of connection "${to}" whether it happened ("Start a review").`);
        advice.commands.push({ when: "it did not happen", command: `mortise dead-letters retry ${id} --redo` },
            { when: "it happened", command: `mortise dead-letters retry ${id} --result '<its result as JSON>'` },
            { when: "it need not be done any more", command: `mortise dead-letters discard ${id} --reason TEXT` });
    } else if (run.held_by) {
        advice.look.push(`The run waits for connection "${run.held_by}", which is paused or fails too often to be called.`);
        advice.commands.push({ when: "it was paused by hand", command: `mortise connections resume ${run.held_by}` });
    }
    return {
        ...run, event: eventOf(run), steps, children: steps.some((s) => s.kind === "spawn") ? children : [],
        notes: dead && chanceOf(id) > 0.5 ? [{ at: run.updated_at + hour, who: "ruth", action: "retry", detail: { from_step: failed } }] : [],
        advice,
        objects: dead || run.state === "ready" ? [] : [{ connection: to, operation: last, object: "node:48977", outcome: "done", at: t + 5_250, step: "store" }, { connection: from, operation: "comments.add", object: `asset:${run.key}`, outcome: "done", at: t + 5_255, step: "store" }],
        links: dead ? [] : [{ relation: "asset-reference", a: run.key, b: "node:48977", data: { version: 1 }, updated_at: t + 5_264 }],
        trace_id: id.replace(/-/g, ""),
    };
}
