// SPDX-License-Identifier: Apache-2.0
// The graph of systems, flow instances and what passes between them. It takes the width there is and
// grows downwards; on narrow screens it is a list.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Topology, TopologyEdge } from "../api";
import { useLive } from "../hooks";
import { compact } from "../lib/format";
import { groupsOf, manyFlows, place, type Placed, type PlacedLine, walk } from "../lib/graph";
import { NodeLink, passed, sum } from "./node";
import { Particles } from "./particles";

const errors = (e: TopologyEdge) => e.last_minute.errors;

function lineClass(edges: TopologyEdge[], lit: string | null): string {
    const near = lit !== null && edges.some((e) => e.from === lit || e.to === lit);
    return `line${sum(edges, errors) > 0 ? " bad" : ""}${sum(edges, passed) === 0 ? " still" : ""}${lit === null ? "" : near ? " lit" : " dim"}`;
}
const lineWidth = (edges: TopologyEdge[]) => 1.25 + Math.min(4, Math.log2(1 + sum(edges, passed)) * 0.55);

function lineTitle(edges: TopologyEdge[]): string {
    const of = (kind: TopologyEdge["kind"]) => compact(sum(edges.filter((e) => e.kind === kind), passed));
    return `Last minute: ${of("trigger")} runs started, ${of("call")} calls, ${compact(sum(edges, errors))} errors`;
}

export function SystemGraph({ topology, moving }: { topology: Topology; moving: boolean }) {
    const frame = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useLayoutEffect(() => {
        const watch = new ResizeObserver(([e]) => { if (e) setWidth(Math.floor(e.contentRect.width)); });
        watch.observe(frame.current!);
        return () => watch.disconnect();
    }, []);
    return (
        <div class="graph" ref={frame}>
            {width > 0 && (width < 640 ? <NarrowGraph topology={topology} /> : <Sheet topology={topology} width={width} moving={moving} />)}
        </div>
    );
}

function Sheet({ topology, width, moving }: { topology: Topology; width: number; moving: boolean }) {
    const layer = useRef<SVGGElement>(null);
    const list = useRef<HTMLUListElement>(null);
    const lines = useRef(new Map<string, SVGPathElement>());
    const particles = useRef<Particles>();
    // Apart, so that a mouse that moves away does not take the light from what has the focus.
    const [hovered, setHovered] = useState<string | null>(null);
    const [focused, setFocused] = useState<string | null>(null);
    const [stop, setStop] = useState<string | null>(null); // where Tab enters
    const lit = hovered ?? focused;

    // The layout depends on what there is, not on how much passes.
    const shape = topology.nodes.map((n) => n.id).join() + topology.edges.map((e) => e.id).join();
    const placed = useMemo<Placed>(() => place(topology, width), [shape, width]);
    const current = useMemo(() => new Map(topology.edges.map((e) => [e.id, e])), [topology]);
    const edgesOf = (line: PlacedLine) => line.edges.map((e) => current.get(e.id) ?? e);
    const lineOf = useMemo(() => {
        const out = new Map<string, { line: PlacedLine; kind: TopologyEdge["kind"]; back: boolean }>();
        // A line runs from left to right; what flows against it travels back.
        for (const line of placed.lines) for (const e of line.edges) out.set(e.id, { line, kind: e.kind, back: (e.kind === "call") !== line.leftward });
        return out;
    }, [placed]);

    const calm = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)"), []);
    useEffect(() => {
        if (layer.current) particles.current = new Particles(layer.current);
        return () => particles.current?.clear();
    }, [placed]);
    useEffect(() => { if (!moving) particles.current?.clear(); }, [moving]);
    useLive("traffic", (tick) => {
        if (!moving || calm.matches || document.hidden) return;
        for (const e of tick.edges) {
            const at = lineOf.get(e.id);
            const path = at && lines.current.get(at.line.id);
            if (!at || !path) continue;
            particles.current?.send(path, e.n - e.errors, at.back, at.kind === "call" ? "call" : "event");
            if (e.errors > 0) particles.current?.send(path, e.errors, at.back, "error");
        }
    });

    const nodes = new Map(topology.nodes.map((n) => [n.id, n]));
    const order = { left: 0, middle: 1, right: 2 };
    const drawn = [...placed.nodes].sort((a, b) => order[a.column] - order[b.column] || a.y - b.y || a.x - b.x);
    const entry = stop !== null && nodes.has(stop) ? stop : drawn[0]?.node.id;
    const onKeyDown = (e: KeyboardEvent) => {
        const from = (e.target as HTMLElement).closest<HTMLElement>("[data-node]")?.dataset.node;
        if (from === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
        const to = e.key === "Home" ? drawn[0]?.node.id : e.key === "End" ? drawn.at(-1)?.node.id : walk(placed.nodes, topology.edges, from, e.key);
        if (to === undefined) return;
        e.preventDefault();
        list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(to)}"]`)?.focus();
    };
    return (
        <div class={`graph-sheet${placed.groups.length > 0 ? " grouped" : ""}`} style={{ width: `${placed.width}px`, height: `${placed.height}px` }}>
            {placed.groups.map((g) => (
                <div key={g.id} class="graph-group" style={{ left: `${g.x - g.w / 2}px`, top: `${g.y - g.h / 2}px`, width: `${g.w}px`, height: `${g.h}px` }}>
                    <span class="clip" title={g.title}>{g.title}</span><span class="graph-count">{g.flows}</span>
                </div>
            ))}
            <svg width={placed.width} height={placed.height} aria-hidden="true" class="graph-lines">
                {placed.lines.map((l) => {
                    const edges = edgesOf(l);
                    return (
                        <path key={l.id} d={l.path} class={lineClass(edges, lit)} stroke-width={lineWidth(edges)}
                            ref={(el) => { if (el) lines.current.set(l.id, el); else lines.current.delete(l.id); }}>
                            <title>{lineTitle(edges)}</title>
                        </path>
                    );
                })}
                <g ref={layer} />
            </svg>
            <ul class="graph-nodes" aria-label="Systems and flows; arrow keys lead from one to the next" ref={list} onKeyDown={onKeyDown}>
                {drawn.map(({ node, x, y, w, h }) => (
                    <li key={node.id} style={{ left: `${x - w / 2}px`, top: `${y - h / 2}px`, width: `${w}px`, height: `${h}px` }}>
                        <NodeLink node={nodes.get(node.id) ?? node} edges={topology.edges} stop={node.id === entry}
                            onHover={(on) => setHovered(on ? node.id : null)}
                            onFocus={() => { setFocused(node.id); setStop(node.id); }} onBlur={() => setFocused(null)} />
                    </li>
                ))}
            </ul>
        </div>
    );
}

function NarrowGraph({ topology }: { topology: Topology }) {
    const systems = topology.nodes.filter((n) => n.kind === "connection");
    const groups = groupsOf(topology, true);
    const list = (nodes: Topology["nodes"], label: string) => (
        <ul class="graph-list" aria-label={label}>
            {nodes.map((n) => <li key={n.id}><NodeLink node={n} edges={topology.edges} /></li>)}
        </ul>
    );
    return (
        <div class="graph-narrow">
            {list(systems, "Systems")}
            {groups.map((g) => (
                <section key={g.id}>
                    <h3>{g.title} <span class="graph-count">{g.flows.length}</span></h3>
                    {list(g.flows, `Flows: ${g.title}`)}
                </section>
            ))}
        </div>
    );
}

export const isLarge = (t: Topology) => t.nodes.filter((n) => n.kind === "flow").length > manyFlows;
