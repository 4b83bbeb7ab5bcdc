// SPDX-License-Identifier: Apache-2.0
// The graph of systems, flow instances and what passes between them.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Topology, TopologyEdge, TopologyNode } from "../api";
import { useLive } from "../hooks";
import { compact } from "../lib/format";
import { type Placed, type PlacedEdge, placeNarrow, placeWide } from "../lib/graph";
import { href } from "../lib/query";
import { Icon, type IconName, type Tone } from "../ui";
import { Particles } from "./particles";

const looks: Record<TopologyNode["state"], { tone: Tone; icon: IconName; says: string }> = {
    well: { tone: "ok", icon: "check", says: "well" },
    failing: { tone: "bad", icon: "cross", says: "failing" },
    paused: { tone: "wait", icon: "pause", says: "paused" },
    off: { tone: "calm", icon: "slash", says: "off" },
    dead_letters: { tone: "doubt", icon: "letters", says: "needs a person" },
};

const passed = (e: TopologyEdge) => e.last_minute.events ?? e.last_minute.calls ?? 0;
const sum = (edges: TopologyEdge[], of: (e: TopologyEdge) => number) => edges.reduce((n, e) => n + of(e), 0);

function rates(id: string, edges: TopologyEdge[]) {
    const mine = edges.filter((e) => e.from === id || e.to === id);
    return {
        events: sum(mine.filter((e) => e.kind === "trigger"), passed),
        calls: sum(mine.filter((e) => e.kind === "call"), passed),
        errors: sum(mine, (e) => e.last_minute.errors),
    };
}

// Figures are small on the sheet; screen readers hear what they count.
function Heard({ children }: { children: string }) {
    return <span class="visually-hidden"> {children} </span>;
}

function ConnectionBody({ n, edges }: { n: TopologyNode; edges: TopologyEdge[] }) {
    const r = rates(n.id, edges);
    const look = looks[n.state];
    return (
        <>
            <span class="node-title">{n.name}</span>
            <span class="node-top">
                <span class="node-under">{n.title || n.plugin}</span>
                <span class={`node-state tone-${look.tone}`}><Icon name={look.icon} size={12} /><span>{look.says}</span></span>
            </span>
            <span class="node-rates">
                <span title="runs begun in the last minute"><Icon name="events" size={11} />{compact(r.events)}<Heard>runs begun in the last minute</Heard></span>
                <span title="calls in the last minute"><Icon name="connections" size={11} />{compact(r.calls)}<Heard>calls</Heard></span>
                {r.errors > 0 && <span class="tone-bad errors" title="errors in the last minute"><Icon name="warning" size={11} />{compact(r.errors)}<Heard>errors</Heard></span>}
            </span>
        </>
    );
}

function FlowBody({ n }: { n: TopologyNode }) {
    const look = looks[n.state];
    const figure = (icon: IconName, value: number, tone: Tone, says: string) =>
        value > 0 && <span class={`figure tone-${tone}`} title={`${value} ${says}`}><Icon name={icon} size={11} />{compact(value)}<Heard>{says}</Heard></span>;
    return (
        <span class="node-pair">
            <span class="node-names">
                <span class="node-title">{n.name}</span>
                <span class="node-under">{n.plugin}</span>
            </span>
            <span class="node-figures">
                {n.state === "off" && <span class="figure tone-calm"><Icon name={look.icon} size={11} />off</span>}
                {figure("play", n.active ?? 0, "run", "at work")}
                {figure("clock", n.waiting ?? 0, "wait", "waiting")}
                {figure("cross", n.dead_letters ?? 0, "bad", "dead letters")}
            </span>
        </span>
    );
}

function lineClass(e: PlacedEdge, lit: string | null): string {
    const n = sum(e.edges, passed);
    const bad = sum(e.edges, (x) => x.last_minute.errors) > 0;
    const near = lit !== null && (e.left === lit || e.right === lit);
    return `line${bad ? " bad" : ""}${n === 0 ? " still" : ""}${lit === null ? "" : near ? " lit" : " dim"}`;
}
const lineWidth = (e: PlacedEdge) => 1.25 + Math.min(4, Math.log2(1 + sum(e.edges, passed)) * 0.55);

export function SystemGraph({ topology }: { topology: Topology }) {
    const frame = useRef<HTMLDivElement>(null);
    const layer = useRef<SVGGElement>(null);
    const lines = useRef(new Map<string, SVGPathElement>());
    const particles = useRef<Particles>();
    const [width, setWidth] = useState(0);
    // Apart, so that a mouse that moves away does not take the light from what has the focus.
    const [hovered, setHovered] = useState<string | null>(null);
    const [focused, setFocused] = useState<string | null>(null);
    const lit = hovered ?? focused;

    useLayoutEffect(() => {
        const watch = new ResizeObserver(([e]) => { if (e) setWidth(Math.floor(e.contentRect.width)); });
        watch.observe(frame.current!);
        return () => watch.disconnect();
    }, []);
    // The layout depends on what there is, not on how much passes.
    const shape = topology.nodes.map((n) => n.id).join() + topology.edges.map((e) => e.id).join();
    const narrow = width > 0 && width < 640;
    const placed = useMemo<Placed | null>(
        () => (width === 0 ? null : narrow ? placeNarrow(topology, width) : placeWide(topology)),
        [shape, narrow, narrow ? width : width > 0]);
    const edgeLines = useMemo(() => {
        const now = new Map(topology.edges.map((e) => [e.id, e]));
        const byId = new Map<string, { line: PlacedEdge; back: boolean }>();
        for (const line of placed?.edges ?? []) {
            line.edges = line.edges.map((e) => now.get(e.id) ?? e);
            for (const e of line.edges) byId.set(e.id, { line, back: e.from === line.right });
        }
        return byId;
    }, [placed, topology]);

    const calm = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)"), []);
    useEffect(() => {
        if (layer.current) particles.current = new Particles(layer.current);
        return () => particles.current?.clear();
    }, [placed]);
    useLive("traffic", (tick) => {
        if (calm.matches || document.hidden) return;
        for (const e of tick.edges) {
            const at = edgeLines.get(e.id);
            const path = at && lines.current.get(at.line.id);
            if (!at || !path) continue;
            particles.current?.send(path, e.n - e.errors, at.back, false);
            if (e.errors > 0) particles.current?.send(path, e.errors, at.back, true);
        }
    });

    const current = new Map(topology.nodes.map((n) => [n.id, n]));
    const scale = placed === null || narrow ? 1 : Math.min(1.2, Math.max(0.62, width / placed.width));
    return (
        <div class={`graph${narrow ? " narrow" : ""}`} ref={frame}>
            {placed && (
                <div class="graph-sheet" style={{ width: `${placed.width * scale}px`, height: `${placed.height * scale}px` }}>
                    <div class="graph-scaled" style={{ width: `${placed.width}px`, height: `${placed.height}px`, transform: `scale(${scale})` }}>
                        <svg width={placed.width} height={placed.height} aria-hidden="true" class="graph-lines">
                            {placed.edges.map((e) => (
                                <path key={e.id} d={e.path} class={lineClass(e, lit)} stroke-width={lineWidth(e)}
                                    ref={(el) => { if (el) lines.current.set(e.id, el); else lines.current.delete(e.id); }} />
                            ))}
                            <g ref={layer} />
                        </svg>
                        <ul class="graph-nodes" aria-label="Systems and flow instances">
                            {placed.nodes.map(({ node, x, y, w, h }) => {
                                const n = current.get(node.id) ?? node;
                                const look = looks[n.state] ?? looks.well;
                                return (
                                    <li key={n.id} style={{ left: `${x - w / 2}px`, top: `${y - h / 2}px`, width: `${w}px`, height: `${h}px` }}>
                                        <a class={`node ${n.kind} tone-${look.tone} state-${n.state}`} title={n.detail || n.title || n.plugin}
                                            href={n.kind === "connection" ? href("connections", n.name) : href("runs", { flow: n.name })}
                                            onMouseEnter={() => setHovered(n.id)} onMouseLeave={() => setHovered(null)}
                                            onFocus={() => setFocused(n.id)} onBlur={() => setFocused(null)}>
                                            {n.kind === "connection" ? <ConnectionBody n={n} edges={topology.edges} /> : <FlowBody n={n} />}
                                        </a>
                                    </li>
                                );
                            })}
                        </ul>
                    </div>
                </div>
            )}
        </div>
    );
}

export function GraphLegend() {
    return (
        <div class="legend">
            <span><i class="legend-dot" />event</span>
            <span><i class="legend-dot back" />call</span>
            <span><i class="legend-dot bad" />error</span>
            <span class="legend-more">width: how much in the last minute</span>
        </div>
    );
}
