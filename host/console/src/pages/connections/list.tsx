// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";

import { api, type Connection } from "../../api";
import { useFilters, useLive, useQuery } from "../../hooks";
import { count, plural } from "../../lib/format";
import { href } from "../../lib/query";
import { Answer, Card, Empty, Facts, FilterBar, PageHead, SearchFilter, Time } from "../../ui";
import { ConnectionBadge, lookOf, ProbeIn } from "./look";

function ConnectionCard({ of: c }: { of: Connection }) {
    const look = lookOf(c);
    return (
        <Card class={`connection tone-${look.tone}`}>
            <div class="connection-head">
                <h2><a href={href("connections", c.name)}>{c.name}</a></h2>
                <ConnectionBadge of={c} />
            </div>
            <p class="muted">{c.connector} {c.version}</p>
            {c.paused && <p>{c.paused.reason}, since <Time at={c.paused.since} /></p>}
            {c.breaker === "open" && <p><ProbeIn ms={c.probe_in_ms} /></p>}
            <Facts of={[
                ["Calls now", count(c.open_calls)],
                ["Requests", `${count(c.requests_in_flight)} in flight, ${count(c.requests_queued)} waiting`],
                ["Triggers", c.triggers.length > 0 ? c.triggers.join(", ") : "none"],
            ]} />
        </Card>
    );
}

export function ConnectionList() {
    const { values, set, clear, active } = useFilters(["q"] as const);
    const list = useQuery("connections", async (signal) => (await api.connections.list(signal)).rows, 5000);
    // What the stream told since the last answer.
    const [pushed, setPushed] = useState<Record<string, Connection>>({});
    useLive("connection", (c) => setPushed((all) => ({ ...all, [c.name]: c })));
    const fits = (c: Connection) => `${c.name} ${c.connector}`.toLowerCase().includes(values.q.toLowerCase());
    return (
        <>
            <PageHead title="Connections" lead="The systems this host talks to: how they are, and what holds calls back." />
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
                        return <ul class="card-grid">{shown.map((c) => <li key={c.name}><ConnectionCard of={c} /></li>)}</ul>;
                    return rows.length > 0
                        ? <Empty icon="search" title="No connection fits" />
                        : <Empty icon="connections" title="No connection is configured">
                            <p>A connection is a section <code>[connections.NAME]</code> of the configuration.</p>
                        </Empty>;
                }}
            </Answer>
        </>
    );
}
