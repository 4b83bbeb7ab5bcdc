// SPDX-License-Identifier: Apache-2.0
// Where nodes and lines of the overview's graph lie: systems on both sides, flow instances between
// them. Many flows are grouped by the systems they join, side by side in a box, and lines lead to the
// box: some dozens stay legible at the width there is, without zooming. Pure.
import type { Topology, TopologyEdge, TopologyNode } from "../types";

export interface Box { x: number; y: number; w: number; h: number } // x, y: its middle
export interface PlacedNode extends Box { node: TopologyNode; column: "left" | "middle" | "right" }
export interface PlacedGroup extends Box { id: string; title: string; flows: number }
// One line stands for all edges between a system and a flow, or a group of flows.
export interface PlacedLine { id: string; edges: TopologyEdge[]; path: string; leftward: boolean }
export interface Placed { nodes: PlacedNode[]; groups: PlacedGroup[]; lines: PlacedLine[]; width: number; height: number }

export interface Group { id: string; title: string; flows: TopologyNode[]; connections: string[]; edges: TopologyEdge[] }

// More flows than these are shown in groups.
export const manyFlows = 12;

const ends = (e: TopologyEdge) => (e.kind === "trigger" ? { connection: e.from, flow: e.to } : { connection: e.to, flow: e.from });

// Flows that join the same systems; or, not grouped, each flow for itself. Edges to what is not there
// are left out.
export function groupsOf(topology: Topology, grouped: boolean): Group[] {
    const names = new Map(topology.nodes.filter((n) => n.kind === "connection").map((n) => [n.id, n.name]));
    const byFlow = new Map<string, TopologyEdge[]>(topology.nodes.filter((n) => n.kind === "flow").map((n) => [n.id, []]));
    for (const e of topology.edges) {
        const { connection, flow } = ends(e);
        if (names.has(connection)) byFlow.get(flow)?.push(e);
    }
    const groups = new Map<string, Group>();
    for (const n of topology.nodes) {
        const edges = byFlow.get(n.id);
        if (edges === undefined) continue;
        const connections = [...new Set(edges.map((e) => ends(e).connection))].sort();
        const sources = new Set(edges.filter((e) => e.kind === "trigger").map((e) => ends(e).connection));
        const title = (of: string[]) => of.map((c) => names.get(c)).join(", ");
        const [from, to] = [connections.filter((c) => sources.has(c)), connections.filter((c) => !sources.has(c))];
        const id = grouped ? `${connections.join("|")}>${from.join("|")}` : n.id;
        const group = groups.get(id) ?? {
            id, flows: [], connections, edges: [],
            title: connections.length === 0 ? "no system" : to.length === 0 ? from.map((c) => names.get(c)).join(" ⇄ ")
                : from.length === 0 ? title(to) : `${title(from)} → ${title(to)}`,
        };
        group.flows.push(n);
        group.edges.push(...edges);
        groups.set(id, group);
    }
    return [...groups.values()];
}

// Systems that start flows stand left, those that are mostly called right; when that would leave a
// side empty, half of them move over.
export function sidesOf(topology: Topology): Map<string, "left" | "right"> {
    const scored = topology.nodes.filter((n) => n.kind === "connection").map((n, order) => {
        const starts = topology.edges.filter((e) => e.kind === "trigger" && e.from === n.id).length;
        const called = topology.edges.filter((e) => e.kind === "call" && e.to === n.id).length;
        return { id: n.id, score: 2 * starts - called, order };
    }).sort((a, b) => b.score - a.score || a.order - b.order);
    let left = scored.filter((s) => s.score >= 0).length;
    if (scored.length > 1 && (left === 0 || left === scored.length)) left = Math.ceil(scored.length / 2);
    return new Map(scored.map((s, i) => [s.id, i < left || scored.length === 1 ? "left" : "right"]));
}

const mean = (of: number[], none: number) => (of.length === 0 ? none : of.reduce((a, b) => a + b, 0) / of.length);

// Groups in an order in which few lines cross: by where their systems stand, which stand by where
// their groups are, a few times over. What is alike keeps its order.
function ordered(groups: Group[], sides: Map<string, "left" | "right">): Group[] {
    let out = [...groups];
    const rank = new Map<string, number>();
    const columns = ["left", "right"].map((side) => [...sides].filter(([, s]) => s === side).map(([id]) => id));
    for (let round = 0; round < 8; ++round) {
        for (const column of columns) {
            const at = (id: string) => mean(out.flatMap((g, i) => (g.connections.includes(id) ? [i] : [])), out.length);
            if (round > 0) column.sort((a, b) => at(a) - at(b));
            column.forEach((id, i) => rank.set(id, (i + 0.5) / column.length));
        }
        const at = (g: Group) => mean(g.connections.map((c) => rank.get(c) ?? 1), 2);
        out = out.map((g, i) => ({ g, i })).sort((a, b) => at(a.g) - at(b.g) || a.i - b.i).map(({ g }) => g);
    }
    return out;
}

// As near to where they want to be as fits, without touching: the middle of what pushing down and
// pushing up would give.
function spread(wanted: number[], size: number, height: number): number[] {
    const down = [...wanted];
    for (let i = 0; i < down.length; ++i) down[i] = Math.max(down[i]!, i === 0 ? size / 2 : down[i - 1]! + size);
    const up = [...wanted];
    for (let i = up.length - 1; i >= 0; --i) up[i] = Math.min(up[i]!, i === up.length - 1 ? height - size / 2 : up[i + 1]! - size);
    const out = down.map((y, i) => (y + up[i]!) / 2);
    const over = Math.max(0, (out.at(-1) ?? 0) + size / 2 - height);
    const under = Math.max(0, size / 2 - (out[0] ?? size));
    return out.map((y) => y - over + under);
}

// A curve that leaves and arrives level.
function curve(x1: number, y1: number, x2: number, y2: number): string {
    const bend = (x2 - x1) * 0.5;
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

const clamp = (least: number, x: number, most: number) => Math.round(Math.min(most, Math.max(least, x)));
const connectionHeight = 92;
const gap = 14;
const head = 34;
const pad = 12;

export function place(topology: Topology, width: number): Placed {
    const flowNodes = topology.nodes.filter((n) => n.kind === "flow");
    const grouped = flowNodes.length > manyFlows;
    const sides = sidesOf(topology);
    const groups = ordered(groupsOf(topology, grouped), sides);
    const inColumn = (side: "left" | "right") => topology.nodes.filter((n) => sides.get(n.id) === side);
    const columns = { left: inColumn("left"), right: inColumn("right") };
    const beside = (columns.left.length > 0 ? 1 : 0) + (columns.right.length > 0 ? 1 : 0);

    const wide = grouped ? clamp(156, width * 0.17, 220) : clamp(164, width * 0.2, 250);
    const room = Math.max(180, width - beside * (wide + (grouped ? clamp(40, width * 0.065, 110) : clamp(48, width * 0.09, 130))));
    const across = grouped ? clamp(1, Math.floor((room - 2 * pad + 8) / 232), Math.min(3, Math.max(1, ...groups.map((g) => g.flows.length)))) : 1;
    const flow = grouped
        ? { w: Math.min(280, Math.floor((room - 2 * pad - (across - 1) * 8) / across)), h: 46 }
        : { w: Math.min(360, room), h: 58 };
    const boxWidth = grouped ? across * flow.w + (across - 1) * 8 + 2 * pad : flow.w;
    const middle = columns.right.length > 0 || columns.left.length === 0 ? width / 2 : width - boxWidth / 2 - 1;

    const heightOf = (g: Group) => (grouped ? head + Math.ceil(g.flows.length / across) * (flow.h + 8) - 8 + pad : flow.h);
    const tall = groups.reduce((sum, g) => sum + heightOf(g) + gap, 0) - (groups.length > 0 ? gap : 0);
    const height = Math.max(tall, ...Object.values(columns).map((c) => c.length * (connectionHeight + gap) - gap), 0);

    const boxes = new Map<string, Box>();
    const nodes: PlacedNode[] = [];
    const placedGroups: PlacedGroup[] = [];
    let y = (height - tall) / 2;
    for (const g of groups) {
        const h = heightOf(g);
        const box = { x: middle, y: y + h / 2, w: boxWidth, h };
        boxes.set(g.id, box);
        if (grouped) placedGroups.push({ ...box, id: g.id, title: g.title, flows: g.flows.length });
        g.flows.forEach((node, i) => {
            const [column, row] = [i % across, Math.floor(i / across)];
            nodes.push({
                node, column: "middle", w: flow.w, h: flow.h,
                x: grouped ? middle - boxWidth / 2 + pad + flow.w / 2 + column * (flow.w + 8) : middle,
                y: grouped ? y + head + flow.h / 2 + row * (flow.h + 8) : y + h / 2,
            });
        });
        y += h + gap;
    }
    for (const side of ["left", "right"] as const) {
        const mine = columns[side].map((node) => ({
            node, at: mean(groups.filter((g) => g.connections.includes(node.id)).map((g) => boxes.get(g.id)!.y), height / 2),
        })).sort((a, b) => a.at - b.at);
        const ys = spread(mine.map((m) => m.at), connectionHeight + gap, height + gap);
        mine.forEach(({ node }, i) => {
            const box = { x: side === "left" ? wide / 2 + 1 : width - wide / 2 - 1, y: ys[i]! - gap / 2, w: wide, h: connectionHeight };
            boxes.set(node.id, box);
            nodes.push({ ...box, node, column: side });
        });
    }
    return { nodes, groups: placedGroups, lines: linesBetween(groups, boxes, sides), width, height };
}

// Lines that end at the same side of a box stand a little apart there, in the order of their other ends.
function linesBetween(groups: Group[], boxes: Map<string, Box>, sides: Map<string, "left" | "right">): PlacedLine[] {
    const all = groups.flatMap((g) => g.connections.map((c) => ({ id: `${c}|${g.id}`, c, g, left: sides.get(c) === "left" })));
    const port = (line: (typeof all)[number], at: "c" | "g") => {
        const mine = at === "c" ? line.c : line.g.id;
        const other = (l: (typeof all)[number]) => boxes.get(at === "c" ? l.g.id : l.c)!.y;
        const beside = all.filter((l) => (at === "c" ? l.c : l.g.id) === mine && l.left === line.left).sort((a, b) => other(a) - other(b));
        const box = boxes.get(mine)!;
        const step = Math.min(9, (box.h - 28) / Math.max(1, beside.length - 1));
        return box.y + (beside.indexOf(line) - (beside.length - 1) / 2) * step;
    };
    return all.map((line) => {
        const [c, g] = [boxes.get(line.c)!, boxes.get(line.g.id)!];
        const edges = line.g.edges.filter((e) => ends(e).connection === line.c);
        const [cy, gy] = [port(line, "c"), port(line, "g")];
        return line.left
            ? { id: line.id, edges, leftward: false, path: curve(c.x + c.w / 2, cy, g.x - g.w / 2, gy) }
            : { id: line.id, edges, leftward: true, path: curve(g.x + g.w / 2, gy, c.x - c.w / 2, cy) };
    });
}

// What remains when a person looks for something: flows that are called so or touch a system that is,
// and all systems these touch.
export function matching(topology: Topology, text: string, onlyTrouble: boolean): Topology {
    const wanted = text.trim().toLowerCase();
    const called = (n: TopologyNode) => `${n.name} ${n.plugin} ${n.title}`.toLowerCase().includes(wanted);
    const troubled = (n: TopologyNode) => n.state === "failing" || n.state === "paused" || n.state === "dead_letters" || (n.dead_letters ?? 0) > 0;
    const hits = (is: (n: TopologyNode) => boolean) => {
        const direct = new Set(topology.nodes.filter(is).map((n) => n.id));
        const flows = new Set(topology.nodes.filter((n) => n.kind === "flow" && direct.has(n.id)).map((n) => n.id));
        for (const e of topology.edges) if (direct.has(ends(e).connection)) flows.add(ends(e).flow);
        return { direct, flows };
    };
    const [byText, byTrouble] = [hits((n) => wanted === "" || called(n)), hits((n) => !onlyTrouble || troubled(n))];
    const flows = new Set([...byText.flows].filter((f) => byTrouble.flows.has(f)));
    const connections = new Set([...byText.direct].filter((c) => byTrouble.direct.has(c)));
    for (const e of topology.edges) if (flows.has(ends(e).flow)) connections.add(ends(e).connection);
    return {
        nodes: topology.nodes.filter((n) => (n.kind === "flow" ? flows : connections).has(n.id)),
        edges: topology.edges.filter((e) => flows.has(ends(e).flow) && connections.has(ends(e).connection)),
    };
}

// Where an arrow key leads: up and down within the column, left and right to what is joined with the
// node before anything else.
export function walk(nodes: PlacedNode[], edges: TopologyEdge[], from: string, key: string): string | undefined {
    const at = nodes.find((n) => n.node.id === from);
    if (at === undefined) return undefined;
    const nearest = (of: PlacedNode[], far: (n: PlacedNode) => number) =>
        of.reduce<PlacedNode | undefined>((best, n) => (best === undefined || far(n) < far(best) ? n : best), undefined)?.node.id;
    if (key === "ArrowUp" || key === "ArrowDown") {
        const way = key === "ArrowUp" ? -1 : 1;
        return nearest(nodes.filter((n) => (n.y - at.y) * way > 1 && Math.abs(n.x - at.x) < at.w / 2), (n) => Math.abs(n.y - at.y));
    }
    if (key !== "ArrowLeft" && key !== "ArrowRight") return undefined;
    const way = key === "ArrowLeft" ? -1 : 1;
    const there = nodes.filter((n) => (n.x - at.x) * way > at.w / 2);
    const row = there.filter((n) => n.column === at.column && Math.abs(n.y - at.y) < 1);
    if (row.length > 0) return nearest(row, (n) => Math.abs(n.x - at.x));
    const joined = there.filter((n) => edges.some((e) => (e.from === from && e.to === n.node.id) || (e.to === from && e.from === n.node.id)));
    return nearest(joined.length > 0 ? joined : there, (n) => Math.abs(n.y - at.y) + Math.abs(n.x - at.x) / 4);
}
