// SPDX-License-Identifier: Apache-2.0
// A system or a flow instance of the overview's graph: its name, how it is, what it did in the last
// minute. A link to its page.
import type { TopologyEdge, TopologyNode } from "../api";
import { compact } from "../lib/format";
import { href } from "../lib/query";
import { Icon, type IconName, type Tone } from "../ui";

const looks: Record<TopologyNode["state"], { tone: Tone; icon: IconName; says: string }> = {
    well: { tone: "ok", icon: "check", says: "Healthy" },
    failing: { tone: "bad", icon: "cross", says: "Failing" },
    paused: { tone: "wait", icon: "pause", says: "Paused" },
    off: { tone: "calm", icon: "slash", says: "Disabled" },
    dead_letters: { tone: "doubt", icon: "letters", says: "Needs attention" },
};

export const passed = (e: TopologyEdge) => e.last_minute.events ?? e.last_minute.calls ?? 0;
export const sum = (edges: TopologyEdge[], of: (e: TopologyEdge) => number) => edges.reduce((n, e) => n + of(e), 0);

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
    const look = looks[n.state] ?? looks.well;
    return (
        <>
            <span class="node-top">
                <span class="node-title">{n.name}</span>
                <span class={`node-state tone-${look.tone}`}><Icon name={look.icon} size={12} /><span>{look.says}</span></span>
            </span>
            <span class="node-under">{n.title || n.plugin}</span>
            <span class="node-rates">
                <span title="Runs started by its events in the last minute"><Icon name="events" size={11} />{compact(r.events)}<span class="unit">/min</span><Heard>runs started by its events</Heard></span>
                <span title="Calls in the last minute"><Icon name="connections" size={11} />{compact(r.calls)}<span class="unit">/min</span><Heard>calls</Heard></span>
                {r.errors > 0 && <span class="tone-bad errors" title="Errors in the last minute"><Icon name="warning" size={11} />{compact(r.errors)}<Heard>errors in the last minute</Heard></span>}
            </span>
        </>
    );
}

function FlowBody({ n }: { n: TopologyNode }) {
    const figure = (icon: IconName, value: number, tone: Tone, says: string) =>
        value > 0 && <span class={`figure tone-${tone}`} title={`${value} ${says}`}><Icon name={icon} size={11} />{compact(value)}<Heard>{says}</Heard></span>;
    return (
        <span class="node-pair">
            <span class="node-names">
                <span class="node-title">{n.name}</span>
                <span class="node-under">{n.plugin}</span>
            </span>
            <span class="node-figures">
                {n.state === "off" && <span class="figure tone-calm"><Icon name="slash" size={11} />Disabled</span>}
                {figure("play", n.active ?? 0, "run", "active")}
                {figure("clock", n.waiting ?? 0, "wait", "waiting")}
                {figure("cross", n.dead_letters ?? 0, "bad", "dead letters")}
            </span>
        </span>
    );
}

export function NodeLink({ node: n, edges, stop, onHover, onFocus, onBlur }: {
    node: TopologyNode; edges: TopologyEdge[];
    stop?: boolean; // whether Tab stops here; without it, it does
    onHover?: (on: boolean) => void; onFocus?: () => void; onBlur?: () => void;
}) {
    const look = looks[n.state] ?? looks.well;
    return (
        <a class={`node ${n.kind} tone-${look.tone} state-${n.state}`} title={[n.name, n.title || n.plugin, n.detail].filter(Boolean).join("\n")}
            data-node={n.id} tabIndex={stop === false ? -1 : undefined}
            href={n.kind === "connection" ? href("connections", n.name) : href("runs", { flow: n.name })}
            onMouseEnter={() => onHover?.(true)} onMouseLeave={() => onHover?.(false)} onFocus={onFocus} onBlur={onBlur}>
            {n.kind === "connection" ? <ConnectionBody n={n} edges={edges} /> : <FlowBody n={n} />}
        </a>
    );
}
