// SPDX-License-Identifier: Apache-2.0
// Where nodes and edges of the overview's graph lie: systems on both sides, flow instances between
// them (a layered layout by dagre); where there is little room, systems left and flows right. Pure.
import { Graph, layout } from "@dagrejs/dagre";

import type { Topology, TopologyEdge, TopologyNode } from "../types";

export interface PlacedNode { node: TopologyNode; x: number; y: number; w: number; h: number } // its middle
// One line stands for all edges between two nodes. It runs from the left node to the right one.
export interface PlacedEdge { id: string; left: string; right: string; edges: TopologyEdge[]; path: string }
export interface Placed { nodes: PlacedNode[]; edges: PlacedEdge[]; width: number; height: number }

interface Pair { id: string; connection: string; flow: string; edges: TopologyEdge[] }

export function pairsOf(topology: Topology): Pair[] {
    const kinds = new Map(topology.nodes.map((n) => [n.id, n.kind]));
    const pairs = new Map<string, Pair>();
    for (const e of topology.edges) {
        const [a, b] = [kinds.get(e.from), kinds.get(e.to)];
        if (a === undefined || b === undefined || a === b) continue;
        const connection = a === "connection" ? e.from : e.to;
        const flow = a === "flow" ? e.from : e.to;
        const id = `${connection}|${flow}`;
        const pair = pairs.get(id) ?? { id, connection, flow, edges: [] };
        pair.edges.push(e);
        pairs.set(id, pair);
    }
    return [...pairs.values()];
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

// A curve that leaves and arrives level.
function curve(x1: number, y1: number, x2: number, y2: number): string {
    const bend = (x2 - x1) * 0.5;
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function edgesBetween(nodes: PlacedNode[], pairs: Pair[]): PlacedEdge[] {
    const at = new Map(nodes.map((n) => [n.node.id, n]));
    return pairs.map((p) => {
        const [c, f] = [at.get(p.connection)!, at.get(p.flow)!];
        const [l, r] = c.x <= f.x ? [c, f] : [f, c];
        return {
            id: p.id, left: l.node.id, right: r.node.id, edges: p.edges,
            path: curve(l.x + l.w / 2, l.y, r.x - r.w / 2, r.y),
        };
    });
}

const sizes = { connection: { width: 216, height: 82 }, flow: { width: 264, height: 58 } };

export function placeWide(topology: Topology): Placed {
    const g = new Graph();
    g.setGraph({ rankdir: "LR", nodesep: 16, ranksep: 130, marginx: 8, marginy: 8 });
    g.setDefaultEdgeLabel(() => ({}));
    for (const n of topology.nodes) g.setNode(n.id, { ...sizes[n.kind] });
    const sides = sidesOf(topology);
    const pairs = pairsOf(topology);
    for (const p of pairs) {
        if (sides.get(p.connection) === "left") g.setEdge(p.connection, p.flow);
        else g.setEdge(p.flow, p.connection);
    }
    layout(g);
    const nodes = topology.nodes.map((node) => {
        const { x, y } = g.node(node.id) as { x: number; y: number };
        return { node, x, y, w: sizes[node.kind].width, h: sizes[node.kind].height };
    });
    const { width = 600, height = 300 } = g.graph() as { width?: number; height?: number };
    return { nodes, edges: edgesBetween(nodes, pairs), width, height };
}

export function placeNarrow(topology: Topology, width: number): Placed {
    const pairs = pairsOf(topology);
    const w = { connection: Math.round(width * 0.33), flow: Math.round(width * 0.46) };
    const gap = 10;
    const flows = topology.nodes.filter((n) => n.kind === "flow");
    const connections = topology.nodes.filter((n) => n.kind === "connection");
    const height = Math.max(flows.length * (58 + gap), connections.length * (82 + gap)) + gap;
    const column = (list: TopologyNode[], x: number, kind: "connection" | "flow"): PlacedNode[] =>
        list.map((node, i) => ({ node, x, y: (height * (i + 0.5)) / list.length, w: w[kind], h: sizes[kind].height }));
    const nodes = [...column(connections, w.connection / 2 + 1, "connection"), ...column(flows, width - w.flow / 2 - 1, "flow")];
    return { nodes, edges: edgesBetween(nodes, pairs), width, height };
}
