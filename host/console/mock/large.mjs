// SPDX-License-Identifier: Apache-2.0
// A topology of seven systems and 39 flows, as the admin API would tell it: what the overview's graph
// must keep legible. The same from call to call.
const systems = [
    ["iconik", "iconik", "iconik"], ["netx", "netx", "NetX library"], ["aprimo", "aprimo", "Aprimo DAM"],
    ["otcs-marketing", "xecm-workspaces", "OpenText Extended ECM - Business Workspaces"],
    ["otcs-legal", "xecm-workspaces", "OpenText Extended ECM - Business Workspaces"],
    ["trading-grid", "trading-grid", "Trading Grid"], ["sharepoint", "sharepoint", "SharePoint Online"],
];
const kinds = [
    ["campaigns", "campaign-asset-references"], ["rights", "rights-metadata-sync"], ["accounts", "account-media-links"],
    ["approval", "asset-approval"], ["productions", "production-coordination"], ["archive", "project-archive"],
    ["programs", "communications-governance"], ["deliverables", "vendor-deliverables"],
];
const pairs = [
    ["iconik", "otcs-marketing", 8], ["netx", "otcs-marketing", 7], ["aprimo", "otcs-marketing", 6], ["iconik", "otcs-legal", 6],
    ["netx", "iconik", 3], ["trading-grid", "otcs-legal", 5], ["iconik", "sharepoint", 4],
];

export function largeTopology(now) {
    const busy = (i) => (i * 37) % 23;
    const nodes = systems.map(([name, plugin, title]) => ({
        id: `connection:${name}`, kind: "connection", name, plugin, title,
        state: name === "otcs-legal" ? "failing" : name === "aprimo" ? "paused" : "well", detail: name === "otcs-legal" ? "5 failures in a row: 503 Service Unavailable" : "",
    }));
    const edges = [];
    pairs.forEach(([from, to, n], p) => {
        for (let i = 0; i < n; ++i) {
            const [kind, plugin] = kinds[i % kinds.length];
            const name = `${kind}-${from}-${p + 1}`;
            const id = `flow:${name}`;
            const dead = (p + i) % 9 === 4 ? 3 + i : 0;
            nodes.push({
                id, kind: "flow", name, plugin, title: plugin, state: dead > 0 ? "dead_letters" : (p + i) % 11 === 6 ? "off" : "well",
                active: (p + i) % 5 === 0 ? 1 : 0, waiting: (p + i) % 4 === 1 ? 2 * i : 0, dead_letters: dead,
            });
            const of = (kind, a, b, errors) => edges.push({
                id: `${kind}:${a}:${b}`, from: a, to: b, kind, role: "", last_at: now - 2_000,
                last_minute: { [kind === "trigger" ? "events" : "calls"]: busy(p * 8 + i + (kind === "call" ? 3 : 0)), errors },
            });
            of("trigger", `connection:${from}`, id, 0);
            of("call", id, `connection:${from}`, 0);
            of("call", id, `connection:${to}`, to === "otcs-legal" ? 2 : 0);
        }
    });
    return { nodes, edges };
}
