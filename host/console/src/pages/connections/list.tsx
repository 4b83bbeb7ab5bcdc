// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";

import { api, type Connection, type Topology } from "../../api";
import { useFilters, useLive, useQuery } from "../../hooks";
import { count, plural } from "../../lib/format";
import { href } from "../../lib/query";
import { Answer, Card, Empty, Facts, FilterBar, PageHead, SearchFilter, Time } from "../../ui";
import { ConnectionBadge, lookOf, ProbeIn } from "./look";

interface Seen { calls: number; errors: number; flows: number }

// What the topology knows of each connection.
function seenIn(t: Topology | undefined): Map<string, Seen> {
    const out = new Map<string, Seen>();
    for (const n of t?.nodes ?? []) {
        if (n.kind !== "connection") continue;
        const mine = t!.edges.filter((e) => e.from === n.id || e.to === n.id);
        out.set(n.name, {
            calls: mine.reduce((sum, e) => sum + (e.last_minute.calls ?? 0), 0),
            errors: mine.reduce((sum, e) => sum + e.last_minute.errors, 0),
            flows: new Set(mine.map((e) => (e.from === n.id ? e.to : e.from))).size,
        });
    }
    return out;
}

function ConnectionCard({ of: c, seen: t }: { of: Connection; seen: Seen | undefined }) {
    const look = lookOf(c);
    const error = typeof c.last_error === "object" ? c.last_error : null;
    const last = Math.max(0, ...Object.values(c.polls ?? {}).map((p) => p.last_at));
    return (
        <Card class={`connection tone-${look.tone}`}>
            <div class="connection-head">
                <h2><a href={href("connections", c.name)}>{c.name}</a></h2>
                <ConnectionBadge of={c} />
            </div>
            <p class="muted">{c.connector} {c.version}</p>
            <p class="connection-says">{c.paused ? <>Paused <Time at={c.paused.since} />: {c.paused.reason}</> : look.says}
                {c.breaker === "open" && <> <ProbeIn ms={c.probe_in_ms} /></>}</p>
            <Facts of={[
                ["Last minute", t && <span class="tabular">{plural(t.calls, "call")}, {t.errors > 0 ? <b class="bad-text">{plural(t.errors, "error")}</b> : "no errors"}</span>],
                ["Requests", `${count(c.requests_in_flight)} in flight, ${count(c.requests_queued)} queued`],
                ["Last poll", last > 0 && <Time at={last} />],
                ["Used by", t && (t.flows > 0 ? plural(t.flows, "flow") : "no flow")],
                ["Last error", error && <span class="clamp" title={error.message}>{error.message} {error.at ? <span class="muted">(<Time at={error.at} />)</span> : null}</span>],
            ]} />
        </Card>
    );
}

export function ConnectionList() {
    const { values, set, clear, active } = useFilters(["q"] as const);
    const list = useQuery("connections", async (signal) => (await api.connections.list(signal)).rows, 5000);
    const topology = useQuery("topology", (signal) => api.topology(signal), 10_000);
    const seen = seenIn(topology.data);
    // What the stream told since the last answer.
    const [pushed, setPushed] = useState<Record<string, Connection>>({});
    useLive("connection", (c) => setPushed((all) => ({ ...all, [c.name]: c })));
    const fits = (c: Connection) => `${c.name} ${c.connector}`.toLowerCase().includes(values.q.toLowerCase());
    return (
        <>
            <PageHead title="Connections" lead="The systems this host talks to, their health and what limits them." />
            <FilterBar active={active} onClear={clear}
                summary={list.data && plural(list.data.filter(fits).length, "connection")}>
                <SearchFilter value={values.q} placeholder="Name or connector" onChange={(q) => set({ q })} />
            </FilterBar>
            <Answer of={list}>
                {(rows) => {
                    const shown = rows.map((r) => {
                        const p = pushed[r.name];
                        return p ? { ...r, ...p, triggers: r.triggers } : r;
                    }).filter(fits);
                    if (shown.length > 0)
                        return <ul class="card-grid">{shown.map((c) => <li key={c.name}><ConnectionCard of={c} seen={seen.get(c.name)} /></li>)}</ul>;
                    return rows.length > 0
                        ? <Empty icon="search" title="No connection matches" />
                        : <Empty icon="connections" title="No connection is configured">
                            <p>A connection is a section <code>[connections.NAME]</code> of the configuration.</p>
                        </Empty>;
                }}
            </Answer>
        </>
    );
}
