// SPDX-License-Identifier: Apache-2.0
// Runs by any filter, newest first, current without jumping: new ones wait behind a button while the
// pointer or the focus is in the table.
import { useEffect, useRef, useState } from "preact/hooks";

import { api, type Run, runStates } from "../api";
import { useFilters, useLive, usePages, useQuery } from "../hooks";
import { compact, plural, words } from "../lib/format";
import { href, parseTime } from "../lib/query";
import { fits } from "../lib/run-fit";
import { counts } from "../state";
import {
    Button, ChoiceFilter, type Column, DataTable, Duration, Empty, ErrorBox, FilterBar, Icon, PageHead, runLook,
    SearchFilter, SelectFilter, StateBadge, TextFilter, Time,
} from "../ui";

const names = ["state", "flow", "key", "type", "fingerprint", "since", "until", "q"] as const;
const pageSize = 100;
const final = new Set(["succeeded", "failed", "in_doubt", "cancelled", "discarded"]);

// What a person wants to know of a run beside its state.
function Why({ r }: { r: Run }) {
    if (r.failure) return <span class="run-why">{r.failure.message}</span>;
    if (r.held_by) return <span class="run-why">held by {r.held_by}</span>;
    if (r.state === "waiting" && r.wake_at > 0) return <span class="run-why">resumes <Time at={r.wake_at} /></span>;
    if (r.cancel_reason) return <span class="run-why">{r.cancel_reason}</span>;
    return r.parent ? <span class="run-why">child run, step {r.parent_step}</span> : null;
}

const columns: Column<Run>[] = [
    { id: "state", title: "State", width: "8rem", cell: (r) => <StateBadge state={r.state} /> },
    { id: "flow", title: "Flow", width: "minmax(7rem, 0.7fr)", cell: (r) => <strong>{r.flow}</strong> },
    {
        id: "what", title: "Event", width: "minmax(11rem, 2.6fr)", cell: (r) => (
            <>
                <a href={href("runs", r.id)} class="run-what">{r.event_type || r.id}</a>
                <Why r={r} />
            </>),
    },
    {
        id: "subject", title: "Subject", width: "minmax(8rem, 1.3fr)", wide: true, cell: (r) => (
            <>
                <span class="run-subject" title={r.event_subject}>{r.event_subject || "–"}</span>
                {r.key !== "" && r.key !== r.event_subject && <span class="run-why" title={`key ${r.key}`}>{r.key}</span>}
            </>),
    },
    { id: "at", title: "Started", width: "6.5rem", cell: (r) => <Time at={r.created_at} /> },
    { id: "took", title: "Duration", width: "6rem", align: "end", cell: (r) => <Duration from={r.created_at} to={final.has(r.state) ? r.updated_at : undefined} /> },
];

function NarrowRun({ r }: { r: Run }) {
    return (
        <>
            <div class="narrow-line"><a href={href("runs", r.id)}><strong>{r.flow}</strong></a><StateBadge state={r.state} /></div>
            <div class="narrow-line muted small-text"><span>{r.failure?.message ?? r.event_type}</span><Time at={r.created_at} /></div>
        </>
    );
}

export function RunList() {
    const { values, set, clear, active } = useFilters(names);
    const flows = useQuery("flows", (signal) => api.flows.list(signal));
    const [over, setOver] = useState(false);
    const atTop = useRef(true);
    const now = Date.now();
    const since = values.since ? parseTime(values.since, now) : undefined;
    const until = values.until ? parseTime(values.until, now) : undefined;
    const runs = usePages<Run>(`runs ${JSON.stringify(values)}`,
        (cursor, signal) => api.runs.list({ ...values, since, until, cursor, limit: pageSize }, signal), (r) => r.id);

    const again = useRef<ReturnType<typeof setTimeout>>();
    useEffect(() => () => clearTimeout(again.current), []);
    useLive("run", (r) => {
        const still = !over && atTop.current && !document.querySelector(".table-scroller:focus");
        runs.push(r, fits(r, { ...values, since, until }), still);
        // More changed than was told: ask again when it is quiet, if nobody reads further down.
        if ((r.dropped ?? 0) > 0 && still) {
            clearTimeout(again.current);
            again.current = setTimeout(runs.reload, 2_000);
        }
    });

    const by = counts.value?.runs;
    const summary = runs.loading && runs.rows.length === 0 ? "" : runs.next === null
        ? plural(runs.rows.length, "run")
        : `latest ${compact(runs.rows.length)}`;
    return (
        <>
            <PageHead title="Runs" lead="Every execution of a flow, newest first." />
            <FilterBar active={active} onClear={clear} summary={summary}>
                <SearchFilter value={values.q} onChange={(q) => set({ q })} placeholder="Id, key or subject starts with …" label="Id, key or subject" />
                <SelectFilter label="Flow" value={values.flow} onChange={(flow) => set({ flow })} options={(flows.data?.rows ?? []).map((f) => f.name)} />
                <SelectFilter label="Started" value={values.since} onChange={(v) => set({ since: v })} any="any time"
                    options={[{ value: "15m", label: "last 15 minutes" }, { value: "1h", label: "last hour" }, { value: "24h", label: "last 24 hours" }, { value: "7d", label: "last 7 days" }]} />
                <TextFilter value={values.type} onChange={(type) => set({ type })} label="Event type" />
                {values.key !== "" && <TextFilter value={values.key} onChange={(key) => set({ key })} label="Key" />}
                {values.until !== "" && <TextFilter value={values.until} onChange={(v) => set({ until: v })} label="Until" />}
                {values.fingerprint !== "" && (
                    <Button small icon="close" onClick={() => set({ fingerprint: "" })}>{`cause ${values.fingerprint.slice(0, 8)}`}</Button>
                )}
            </FilterBar>
            <div class="run-states">
                <ChoiceFilter label="States" value={values.state} onChange={(state) => set({ state })} options={runStates.map((s) => ({
                    value: s, count: by?.[s] === undefined ? undefined : by[s],
                    label: <span class={`state-choice tone-${runLook[s].tone}`}><Icon name={runLook[s].icon} size={13} /><span class="cap">{words(s)}</span></span>,
                }))} />
            </div>
            {runs.error !== undefined && <ErrorBox error={runs.error} retry={runs.reload} />}
            <div class="run-table" onMouseEnter={() => setOver(true)} onMouseLeave={() => setOver(false)}>
                {runs.fresh.length > 0 && (
                    <div class="fresh">
                        <span class="visually-hidden" role="status">New runs are waiting above the list</span>
                        <Button small look="primary" icon="up" onClick={runs.showFresh}>{`${plural(runs.fresh.length, "new run")}`}</Button>
                    </div>
                )}
                <DataTable label="Runs" columns={columns} rows={runs.rows} id={(r) => r.id} href={(r) => href("runs", r.id)}
                    narrow={(r) => <NarrowRun r={r} />} loading={runs.loading} hasMore={runs.next !== null} more={runs.more}
                    onTop={(top) => { atTop.current = top; }} rowHeight={52} empty={
                        <Empty icon="runs" title={active > 0 ? "No run matches these filters" : "No runs yet"}>
                            {active > 0 ? <Button onClick={clear}>Clear filters</Button> : "A run appears as soon as an event starts a flow."}
                        </Empty>} />
            </div>
        </>
    );
}
