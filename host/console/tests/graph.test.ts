// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";

// @ts-expect-error the mock is plain JavaScript
import { largeTopology } from "../mock/large.mjs";
import { type Box, groupsOf, matching, place, type PlacedNode, sidesOf, walk } from "../src/lib/graph";
import type { Topology } from "../src/types";

const topology = (): Topology => {
    const node = (kind: "connection" | "flow", name: string) => ({ id: `${kind}:${name}`, kind, name, plugin: name, title: name, state: "well" as const });
    const edge = (kind: "trigger" | "call", c: string, f: string) => ({
        id: `${kind}:${c}:${f}`, kind, role: "", last_minute: { errors: 0 }, last_at: 0,
        from: kind === "trigger" ? `connection:${c}` : `flow:${f}`, to: kind === "trigger" ? `flow:${f}` : `connection:${c}`,
    });
    return {
        nodes: [node("connection", "dam"), node("connection", "ecm"), node("flow", "a"), node("flow", "b")],
        edges: [edge("trigger", "dam", "a"), edge("trigger", "dam", "b"), edge("call", "dam", "a"), edge("call", "ecm", "a"), edge("call", "ecm", "b"), edge("call", "gone", "a")],
    };
};
const large = () => largeTopology(1_800_000_000_000) as Topology;
const apart = (a: Box, b: Box) => Math.abs(a.x - b.x) >= (a.w + b.w) / 2 - 0.5 || Math.abs(a.y - b.y) >= (a.h + b.h) / 2 - 0.5;

test("flows that join the same systems are one group, which says which; edges to nowhere are none", () => {
    assert.deepEqual(groupsOf(topology(), true).map((g) => [g.title, g.flows.length, g.edges.length]), [["dam → ecm", 2, 5]]);
    assert.deepEqual(groupsOf(topology(), false).map((g) => [g.id, g.edges.length]), [["flow:a", 3], ["flow:b", 2]]);
    const groups = groupsOf(large(), true);
    assert.equal(groups.length, 7);
    assert.equal(groups.reduce((n, g) => n + g.flows.length, 0), 39);
});

test("what starts flows stands left, what is called right, and no side stays empty", () => {
    assert.deepEqual([...sidesOf(topology())], [["connection:dam", "left"], ["connection:ecm", "right"]]);
    const alike = topology();
    alike.edges = alike.edges.filter((e) => e.kind === "call");
    assert.deepEqual(new Set(sidesOf(alike).values()), new Set(["left", "right"]));
});

test("at every width nodes lie apart and within the sheet, and are wide enough to be read", () => {
    for (const t of [topology(), large(), { nodes: topology().nodes, edges: [] }]) {
        for (const width of [640, 700, 1024, 1112, 1600, 2400]) {
            const p = place(t, width);
            assert.equal(p.nodes.length, t.nodes.length);
            for (const a of p.nodes) for (const b of p.nodes) assert.ok(a === b || apart(a, b), `${a.node.id} on ${b.node.id} at ${width}`);
            for (const g of p.groups) for (const n of p.nodes) assert.ok(n.column === "middle" || apart(g, n), `${n.node.id} on group ${g.id} at ${width}`);
            for (const n of [...p.nodes, ...p.groups]) {
                assert.ok(n.x - n.w / 2 >= -0.5 && n.x + n.w / 2 <= p.width + 1 && n.y - n.h / 2 >= -0.5 && n.y + n.h / 2 <= p.height + 0.5, `outside at ${width}`);
                assert.ok(n.w >= 150, `${n.w} wide at ${width}`);
            }
        }
    }
    assert.deepEqual(place({ nodes: [], edges: [] }, 800).nodes, []);
});

test("many flows stand side by side where there is room, and their lines are one for each system of a group", () => {
    const p = place(large(), 1112);
    assert.equal(p.groups.length, 7);
    assert.equal(p.lines.length, 14);
    assert.equal(p.lines.flatMap((l) => l.edges).length, large().edges.length);
    assert.ok(p.height < 1_700, `${p.height} high`);
    assert.ok(place(large(), 700).height > p.height);
});

test("a line leaves the system's side and arrives at the flow's", () => {
    const p = place(topology(), 1000);
    const at = (id: string) => p.nodes.find((n) => n.node.id === id)!;
    for (const l of p.lines) {
        const [x1, , , , , , x2] = l.path.match(/-?[\d.]+/g)!.map(Number);
        const [c, f] = l.id.split("|").map(at) as [PlacedNode, PlacedNode];
        const [left, right] = c.x < f.x ? [c, f] : [f, c];
        assert.equal(x1, left.x + left.w / 2);
        assert.equal(x2, right.x - right.w / 2);
    }
});

test("looking for a system shows its flows and what they join; looking for trouble leaves the rest out", () => {
    const t = large();
    const grid = matching(t, "Trading", false);
    assert.deepEqual(grid.nodes.filter((n) => n.kind === "connection").map((n) => n.name), ["otcs-legal", "trading-grid"]);
    assert.equal(grid.nodes.length, 2 + 5);
    assert.ok(grid.edges.every((e) => grid.nodes.some((n) => n.id === e.from) && grid.nodes.some((n) => n.id === e.to)));
    const trouble = matching(t, "", true);
    assert.ok(trouble.nodes.length < t.nodes.length);
    assert.ok(t.nodes.filter((n) => n.state !== "well" && n.state !== "off").every((n) => trouble.nodes.some((x) => x.id === n.id)));
    assert.deepEqual(matching(t, "no such thing", false), { nodes: [], edges: [] });
    assert.deepEqual(matching(t, "", false), t);
});

test("arrow keys lead along the column and along the lines, and stop at the ends", () => {
    const t = topology();
    const p = place(t, 1000);
    const go = (from: string, key: string) => walk(p.nodes, t.edges, from, key);
    assert.equal(go("flow:a", "ArrowDown"), "flow:b");
    assert.equal(go("flow:b", "ArrowDown"), undefined);
    assert.equal(go("flow:a", "ArrowLeft"), "connection:dam");
    assert.equal(go("flow:a", "ArrowRight"), "connection:ecm");
    assert.equal(go("connection:dam", "ArrowRight"), "flow:a");
    assert.equal(go("connection:dam", "ArrowLeft"), undefined);
    assert.equal(go("flow:gone", "ArrowUp"), undefined);
    assert.equal(go("flow:a", "x"), undefined);
    // Every node is reached from every other one.
    const l = large();
    const q = place(l, 1112);
    const seen = new Set<string>([q.nodes[0]!.node.id]);
    for (const from of seen) for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
        const to = walk(q.nodes, l.edges, from, key);
        if (to !== undefined) seen.add(to);
    }
    assert.equal(seen.size, l.nodes.length);
});
