// SPDX-License-Identifier: Apache-2.0
// A host that is none: answers the console's requests from a made-up world (story.mjs), so that pages
// can be worked on without building the host. Serves dist/ under the host's own policy as well.
//   node mock/server.mjs [PORT [RUNS [large]]]        token: any; "viewer" and "operator" give these roles;
//   large: an overview of seven systems and 39 flows
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { largeTopology } from "./large.mjs";
import { plugin, pluginList, settings } from "./reference.mjs";
import { chance, connections, detailsOf, eventOf, flows, groups, hour, makeRuns, now } from "./story.mjs";

const port = Number(process.argv[2] ?? 8098);
const runs = makeRuns(Number(process.argv[3] ?? 5_000));
const started = now() - 76 * hour;
const dist = process.env.MORTISE_CONSOLE_DIST ?? join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const sessions = new Map();
const jobs = [];
const tokens = [{ name: "ci", role: "viewer", created_at: started, expires_at: null, last_used_at: now() - hour, source: "configuration" }];
const streams = new Set();
const notes = [{ at: now() - 5 * hour, who: "ruth", action: "connection-pause", what: "netx", detail: { reason: "licence is being renewed" } }];

class Refusal extends Error {
    constructor(status, code, detail, more = {}) {
        super(detail);
        Object.assign(this, { status, body: { status, code, detail, ...more } });
    }
}
const unknown = (what) => new Refusal(404, "unknown", `the host knows no ${what}`);

const series = (mean, swing) => Array.from({ length: 60 }, (_, i) => Math.max(0, Math.round(mean + swing * Math.sin(i / 7) + (chance() - 0.5) * swing)));
const traffic = { step_ms: 10_000, from: 0, events: series(22, 9), succeeded: series(20, 8), failed: series(1, 2), calls: series(70, 30) };

function counts() {
    const by = {};
    for (const r of runs) by[r.state] = (by[r.state] ?? 0) + 1;
    return { events: runs.length - 3, runs: by, backlog: (by.ready ?? 0) + (by.active ?? 0), held: runs.filter((r) => r.held_by).length, dead_letters: (by.failed ?? 0) + (by.in_doubt ?? 0), ledger_entries: runs.length * 2 };
}
const health = () => ({
    ready: true, state: "ready", reasons: [],
    informs: [
        { code: "connection-failing", message: "connection otcs: 6 failures in a row, next try in 21 s", since: now() - 9 * 60_000 },
        { code: "connection-paused", message: "connection netx is paused: licence is being renewed (ruth)", since: now() - 5 * hour },
        { code: "dead-letters", message: `${counts().dead_letters} runs wait for a person`, since: now() - 9 * hour },
    ],
});
const overview = () => ({
    host: { version: "0.1.0", abi: "1.2", host_id: "h-3f9a", started_at: started, now: now(), config_file: "/etc/mortise/mortise.toml", config_revision: "r-7f31c2", config_loaded_at: started + hour },
    health: health(), counts: counts(), traffic: { ...traffic, from: now() - 595_000 }, memory: { rss_bytes: 24_117_248 }, journal: { file_bytes: 318_767_104 },
});

function topology() {
    if (process.argv[4] === "large") return largeTopology(now());
    const dead = (name) => runs.filter((r) => r.flow === name && (r.state === "failed" || r.state === "in_doubt")).length;
    const nodes = [
        ...connections.map((c) => ({ id: `connection:${c.name}`, kind: "connection", name: c.name, plugin: c.connector, title: c.title, state: c.state, detail: c.detail ?? "" })),
        ...flows.map((f) => ({ id: `flow:${f.name}`, kind: "flow", name: f.name, plugin: f.plugin, title: f.title, state: f.name === "orders" ? "off" : dead(f.name) ? "dead_letters" : "well", active: runs.filter((r) => r.flow === f.name && r.state === "active").length, waiting: runs.filter((r) => r.flow === f.name && r.state === "waiting").length, dead_letters: dead(f.name) })),
    ];
    const edges = flows.flatMap((f) => [
        { id: `t:${f.uses[0]}:${f.name}`, from: `connection:${f.uses[0]}`, to: `flow:${f.name}`, kind: "trigger", role: "", last_minute: { events: f.name === "orders" ? 0 : 3 + (f.name.length * 7) % 40, errors: 0 }, last_at: now() - 4_000 },
        ...f.uses.map((c, i) => ({ id: `c:${f.name}:${c}`, from: `flow:${f.name}`, to: `connection:${c}`, kind: "call", role: ["dam", "workspaces"][i], last_minute: { calls: f.name === "orders" || c === "netx" ? 0 : 6 + (f.name.length * 13) % 80, errors: c === "otcs" ? 4 : 0 }, last_at: now() - 2_000 })),
    ]);
    return { nodes, edges };
}

function paged(list, query, plural, most = 1000) {
    const at = Number(query.get("cursor") ?? 0);
    const limit = Math.min(most, Number(query.get("limit") ?? 50));
    return { [plural]: list.slice(at, at + limit), next: at + limit < list.length ? String(at + limit) : null };
}

function fittingRuns(q) {
    const states = q.get("state")?.split(",");
    const is = (name, value) => !q.get(name) || q.get(name) === value;
    const text = q.get("q")?.toLowerCase();
    return runs.filter((r) => (!states || states.includes(r.state)) && is("flow", r.flow) && is("key", r.key) && is("type", r.event_type) && is("fingerprint", r.fingerprint) &&
        (!q.get("since") || r.created_at >= Number(q.get("since"))) && (!q.get("until") || r.created_at <= Number(q.get("until"))) &&
        (!text || [r.id, r.key, r.event_subject].some((x) => x.toLowerCase().startsWith(text))));
}
function run(id) {
    const r = runs.find((x) => x.id === id);
    if (!r) throw unknown(`run ${id}`);
    return r;
}
function decide(id, state, body, action) {
    const r = run(id);
    if (r.state !== "failed" && r.state !== "in_doubt") throw new Refusal(409, "run.state", `run ${id} is ${r.state}; only dead letters can be changed`);
    if (action === "retry" && r.state === "in_doubt" && !body.redo && body.result === undefined) throw new Refusal(409, "run.in-doubt", "nobody knows whether the step happened: say redo or give its result");
    for (const k of ["failure", "failed_step", "fingerprint"]) delete r[k];
    Object.assign(r, { state, updated_at: now() });
    tell("run", r);
    tell("counts", counts());
    if (state === "ready") setTimeout(() => {
        Object.assign(r, { state: "succeeded", updated_at: now(), result: { referenced: 1 } });
        tell("run", r);
        tell("counts", counts());
    }, 1_500);
    return { run: id, state };
}

const ledger = (q) => {
    let list = runs.slice(0, 2_000).map((r, i) => ({ seq: 10_000 - i, at: r.updated_at, actor: i % 40 === 0 ? "ruth" : undefined, operation: i % 40 === 0 ? "admin:retryRun" : "references.put", connection: i % 40 === 0 ? undefined : "otcs", object: i % 40 === 0 ? r.id : `node:${48_000 + i}`, outcome: "done", run: r.id, instance: r.flow, request: `sha256:${r.id.replace(/-/g, "")}`, hash: r.id.replace(/-/g, "").repeat(2), previous: r.id.replace(/-/g, "").repeat(2) }));
    for (const name of ["actor", "operation", "connection", "object", "run"]) if (q.get(name)) list = list.filter((e) => e[name]?.startsWith(q.get(name)));
    if (q.get("q")) list = list.filter((e) => JSON.stringify(e).includes(q.get("q")));
    return q.get("order") === "desc" ? list : list.reverse();
};

function job(body) {
    const g = groups.find((x) => x.fingerprint === body.fingerprint);
    const j = { id: `job-${jobs.length + 1}`, state: "running", who: "ruth", total: g?.n ?? 10, done: 0, failed: 0, left_out: 0, under_way: 1, started_at: now(), updated_at: now(), ended_at: 0, ...body };
    jobs.unshift(j);
    const timer = setInterval(() => {
        j.done = Math.min(j.total, j.done + 3);
        j.updated_at = now();
        if (j.done === j.total || j.state !== "running") {
            clearInterval(timer);
            if (j.state === "running") j.state = "done";
            j.ended_at = now();
        }
    }, 500);
    return j;
}

const connection = (name) => {
    const c = connections.find((x) => x.name === name);
    if (!c) throw unknown(`connection ${name}`);
    return c;
};
function pause(name, paused) {
    const c = connection(name);
    Object.assign(c, { paused, state: paused ? "paused" : "well" });
    tell("connection", c);
    return { connection: name, paused: paused !== null };
}

// [method, pattern, answer(args, query, body), least role, status]
const routes = [
    ["GET", "overview", overview], ["GET", "topology", topology],
    ["GET", "runs", (_, q) => paged(fittingRuns(q), q, "runs")],
    ["GET", "runs/*", ([id]) => detailsOf(run(id), runs)],
    ["GET", "runs/*/edit-form", ([id]) => {
        const d = detailsOf(run(id), runs);
        const s = d.steps.find((x) => x.key === d.failed_step);
        const schema = plugin("xecm-workspaces").connectors[0].operations[1].input_schema;
        return { event: { schema: { type: "object" }, value: d.event.data }, step: s ? { key: s.key, schema, value: { node: 48_211, name: d.event_subject, count: 0 } } : null };
    }],
    ["POST", "runs/*/retry", ([id], _, b) => decide(id, "ready", b, "retry"), "operator"],
    ["POST", "runs/*/edit", ([id], _, b) => {
        if (b.input?.count === 0 || b.patch?.count === 0) throw new Refusal(400, "input.schema", "the input of step \"store\" does not fit the schema", { problems: [{ pointer: "/count", message: "expected at least 1, found 0", hint: "" }] });
        return b.dry_run ? { ok: true } : decide(id, "ready", b, "edit");
    }, "operator"],
    ["POST", "runs/*/discard", ([id], _, b) => {
        if (!b.reason) throw new Refusal(400, "input", "discarding needs a reason");
        return decide(id, "discarded", b, "discard");
    }, "operator"],
    ["POST", "runs/*/cancel", ([id], _, b) => {
        Object.assign(run(id), { state: "cancelled", cancel_reason: b.reason, updated_at: now() });
        tell("run", run(id));
        return { run: id, ended: [id], told: [], active: [] };
    }, "operator", 202],
    ["GET", "events", (_, q) => paged(runs.filter((r) => (!q.get("type") || r.event_type === q.get("type")) && (!q.get("subject") || r.event_subject.startsWith(q.get("subject")))).map(eventOf), q, "events")],
    ["GET", "events/*", ([ref]) => {
        const r = runs.find((x) => eventOf(x).ref === ref);
        if (!r) throw unknown(`event ${ref}`);
        return { ...eventOf(r), runs: [r] };
    }],
    ["GET", "dead-letters", () => ({ groups: groups.map((g) => {
        const of = runs.filter((r) => r.fingerprint === g.fingerprint);
        return { fingerprint: g.fingerprint, flow: g.flow, plugin: g.plugin, step: g.step, code: g.failure.code, message: g.failure.message, failed: of.filter((r) => r.state === "failed").length, in_doubt: of.filter((r) => r.state === "in_doubt").length, first_at: of.at(-1)?.created_at ?? 0, last_at: of[0]?.updated_at ?? 0, oldest: of.at(-1)?.id ?? "" };
    }).filter((g) => g.failed + g.in_doubt > 0), next: null })],
    ["GET", "bulk", () => ({ jobs })],
    ["GET", "bulk/*", ([id]) => jobs.find((j) => j.id === id) ?? (() => { throw unknown(`job ${id}`); })()],
    ["POST", "bulk", (_, __, b) => job(b), "operator", 202],
    ["POST", "bulk/*/cancel", ([id]) => Object.assign(jobs.find((j) => j.id === id) ?? {}, { state: "cancelled" }), "operator"],
    ["GET", "flows", () => ({ flows: flows.map((f) => ({ name: f.name, plugin: f.plugin, plugin_version: "1.3.0", loaded: true, enabled: f.name !== "orders", roles: Object.fromEntries(f.uses.map((c, i) => [["dam", "workspaces"][i], { connection: c, connector: connection(c).connector, operations: f.operations.map((o) => ({ role: ["dam", "workspaces"][i], connection: c, operation: o, effect_class: o.endsWith("get") ? "read" : "lookup_first", offered: true })) }])), weakest: { role: "workspaces", connection: f.uses[1], operation: f.operations.at(-1), effect_class: f.name === "approval" ? "unsafe" : "lookup_first", offered: true } })) })],
    ["POST", "flows/*/start", () => ({ run: runs[0].id }), "operator", 202],
    ["GET", "connections", () => ({ connections })],
    ["GET", "connections/*", ([name]) => {
        const c = connection(name);
        return { ...c, settings: { base_url: "http://127.0.0.1:18081", auth_token: "***", metadata_views: ["Marketing"] }, limits: { requests_per_second: 40, burst: 100, timeout: "30s" }, triggers: c.triggers.map((t) => ({ id: t, title: t === "webhook" ? "Notifications" : "Changes", open: true, polls: t !== "webhook", last_poll_at: now() - 3_000, cursor: { since: "2026-11-21T13:59:58Z" } })), used_by: flows.filter((f) => f.uses.includes(name)).map((f) => f.name), operations: [...new Set(flows.filter((f) => f.uses.includes(name)).flatMap((f) => f.operations))], last_error: c.state === "failing" ? { ...groups[0].failure, at: now() - 9 * 60_000 } : null };
    }],
    ["POST", "connections/*/test", ([name]) => {
        if (connection(name).state === "failing") throw new Refusal(503, "xecm.unauthorized", groups[0].failure.message);
        return { ok: true, account: "integration", version: "24.3" };
    }, "operator"],
    ["POST", "connections/*/pause", ([name], _, b) => {
        if (!b.reason) throw new Refusal(400, "input", "pausing a connection needs a reason");
        return pause(name, { since: now(), reason: `${b.reason} (ruth)` });
    }, "operator"],
    ["POST", "connections/*/resume", ([name]) => pause(name, null), "operator"],
    ["GET", "backfills", () => ({ backfills: [] })],
    ["POST", "backfills", (_, __, b) => ({ ...b, state: "running" }), "operator", 202],
    ["GET", "plugins", () => ({ plugins: pluginList() })],
    ["GET", "plugins/*", ([id]) => plugin(id) ?? (() => { throw unknown(`plugin ${id}`); })()],
    ["GET", "settings", settings],
    ["POST", "reload", () => ({ revision: "r-7f31c3", changed: { connections: { added: [], changed: ["iconik"], removed: [] }, flows: { added: [], changed: [], removed: [] } }, restart_needed: ["host.http.port"], warnings: [] }), "admin"],
    ["GET", "ledger", (_, q) => paged(ledger(q), q, "entries")],
    ["GET", "ledger/verification", () => ({ ok: true, entries: runs.length * 2, first_bad_seq: null, what: "", last_seq: 10_000, last_hash: "9b74c989", took_ms: 41 })],
    ["GET", "links", () => ({ links: runs.slice(0, 40).map((r) => ({ relation: "asset-reference", a: r.key, b: "node:48977", data: { version: 1 }, updated_at: r.updated_at })), next: null })],
    ["GET", "notes", () => ({ notes })],
    ["GET", "tokens", () => ({ tokens }), "admin"],
    ["POST", "tokens", (_, __, b) => {
        tokens.push({ ...b, created_at: now(), expires_at: b.expires_at ?? null, last_used_at: 0, source: "journal" });
        return { ...b, token: "mrt_3XkT0mYbq7" };
    }, "admin", 201],
    ["DELETE", "tokens/*", ([name]) => { tokens.splice(tokens.findIndex((t) => t.name === name), 1); return null; }, "admin", 204],
].map(([method, pattern, answer, least = "viewer", status = 200]) => ({ method, parts: pattern.split("/"), answer, least, status }));

const ranks = { viewer: 0, operator: 1, admin: 2 };

function signIn(response, body) {
    if (!body.token && !body.code) throw new Refusal(401, "unauthorized", "no token");
    if (body.token === "wrong" || body.code === "used") throw new Refusal(401, "unauthorized", "the host does not know this token");
    const role = body.token in ranks ? body.token : "admin";
    const id = String(chance()).slice(2);
    const s = { who: role === "admin" ? "ruth" : role, role, csrf: `csrf-${id}`, expires_at: now() + 8 * hour };
    sessions.set(id, s);
    response.setHeader("set-cookie", `mortise_session=${id}; HttpOnly; SameSite=Strict; Path=/`);
    return s;
}

async function api(request, response, path, query) {
    const chunks = [];
    for await (const c of request) chunks.push(c);
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const cookie = /mortise_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
    const session = sessions.get(cookie);
    if (path === "session") {
        if (request.method === "POST") return [200, signIn(response, body)];
        if (!session) throw new Refusal(401, "unauthorized", "sign in first");
        if (request.method === "DELETE") { sessions.delete(cookie); return [204, null]; }
        return [200, session];
    }
    if (!session) throw new Refusal(401, "unauthorized", "sign in first");
    if (request.method !== "GET" && request.headers["x-csrf-token"] !== session.csrf) throw new Refusal(403, "admin.csrf", "the request carries no X-CSRF-Token");
    const parts = path.split("/").map(decodeURIComponent);
    for (const r of routes) {
        if (r.method !== request.method || r.parts.length !== parts.length || !r.parts.every((p, i) => p === "*" || p === parts[i])) continue;
        if (ranks[session.role] < ranks[r.least]) throw new Refusal(403, "admin.forbidden", `this needs the role ${r.least}; you are ${session.role}`);
        return [r.status, r.answer(parts.filter((_, i) => r.parts[i] === "*"), query, body)];
    }
    throw unknown(`path /api/v1/${path}`);
}

function tell(name, value) {
    for (const s of streams) s.write(`id: ${now()}\nevent: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
}
setInterval(() => {
    const edges = topology().edges.filter((e) => (e.last_minute.events ?? e.last_minute.calls) > 0 && chance() > 0.6).map((e) => ({ id: e.id, n: 1 + Math.floor(chance() * 3), errors: e.last_minute.errors > 0 && chance() > 0.7 ? 1 : 0 }));
    const tick = { at: now(), edges, events: Math.floor(chance() * 5), succeeded: Math.floor(chance() * 5), failed: chance() > 0.93 ? 1 : 0, calls: edges.length * 2 };
    tell("traffic", tick);
    if (chance() > 0.5) {
        const r = { ...makeRuns(1)[0], state: "active", created_at: now(), updated_at: now(), failure: undefined, failed_step: undefined, fingerprint: undefined, held_by: undefined, wake_at: 0 };
        runs.unshift(r);
        tell("run", r);
        setTimeout(() => {
            Object.assign(r, { state: "succeeded", updated_at: now() });
            tell("run", r);
        }, 1_200);
        tell("counts", counts());
    }
}, 1_000).unref();

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const mime = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
function file(path, response) {
    const at = join(dist, normalize(path === "/" ? "/index.html" : path));
    if (!at.startsWith(dist) || !existsSync(at) || !statSync(at).isFile()) {
        response.writeHead(404, { "content-type": "text/plain" }).end("not found; run npm run build");
        return;
    }
    response.writeHead(200, { "content-type": mime[extname(at)] ?? "application/octet-stream", "content-security-policy": policy, "x-content-type-options": "nosniff" });
    createReadStream(at).pipe(response);
}

const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const send = (status, body, type = "application/json") => {
        response.writeHead(status, { "content-type": type }).end(status === 204 ? undefined : JSON.stringify(body));
    };
    if (url.pathname === "/health/ready") return send(200, health());
    if (url.pathname === "/api/v1/live") {
        response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
        response.write(`retry: 2000\nevent: health\ndata: ${JSON.stringify(health())}\n\n`);
        streams.add(response);
        request.on("close", () => streams.delete(response));
        return undefined;
    }
    if (!url.pathname.startsWith("/api/v1/")) return file(url.pathname, response);
    try {
        const [status, body] = await api(request, response, url.pathname.slice(8), url.searchParams);
        return send(status, body);
    } catch (e) {
        if (!(e instanceof Refusal)) console.error(e);
        return send(e.status ?? 500, e.body ?? { status: 500, detail: String(e) }, "application/problem+json");
    }
});
server.listen(port, "127.0.0.1", () => console.log(`mock host on http://127.0.0.1:${server.address().port}, ${runs.length} runs`));
