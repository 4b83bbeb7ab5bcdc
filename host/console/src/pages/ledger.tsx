// SPDX-License-Identifier: Apache-2.0
// What was written where, by which run or person; whether nobody has changed the record since.
import "../styles/bar.css";
import "./ledger.css";
import { useState } from "preact/hooks";

import { api, type LedgerEntry, type LedgerVerification } from "../api";
import { useFilters, usePages } from "../hooks";
import { count, duration, shortId } from "../lib/format";
import { href, parseTime } from "../lib/query";
import {
    Badge, Button, ButtonLink, Card, type Column, CopyButton, DataTable, Dialog, Empty, ErrorBox, Facts, FilterBar,
    Notice, PageHead, SearchFilter, TextFilter, Time, type Tone,
} from "../ui";

const tones: Record<string, Tone> = { done: "ok", found: "run", unknown: "doubt", refused: "bad" };
const millis = (e: LedgerEntry) => (typeof e.at === "number" ? e.at : Date.parse(String(e.at)));
// "token:night-shift": who did it, and what vouches for the name. Old entries have the name alone.
const actorOf = (e: LedgerEntry) => {
    const text = typeof e.actor === "string" ? e.actor : "";
    const kind = /^(token|account|local|signal|system):/.exec(text)?.[1] ?? "";
    return { kind, name: kind === "" ? text : text.slice(kind.length + 1) };
};
const who = (e: LedgerEntry) => actorOf(e).name;

function Actor({ of }: { of: LedgerEntry }) {
    const { kind, name } = actorOf(of);
    return <span title={kind && `${name}, known by: ${kind}`}><b>{name}</b>{kind && <span class="muted small-text"> {kind}</span>}</span>;
}
// Of a person's action: admin:retryRun → retryRun
const what = (e: LedgerEntry) => String(e.operation ?? "").replace(/^admin:/, "");

const columns: Column<LedgerEntry>[] = [
    { id: "seq", title: "Entry", width: "4.5rem", wide: true, cell: (e) => <span class="tabular muted">{e.seq}</span> },
    { id: "at", title: "When", width: "9rem", cell: (e) => <Time at={millis(e)} as="clock" /> },
    {
        id: "who", title: "Written by", width: "minmax(8rem, 1fr)",
        cell: (e) => who(e) ? <Actor of={e} />
            : e.run ? <a href={href("runs", e.run)}>{String(e.instance ?? e.run)}</a> : "–",
    },
    { id: "operation", title: "Operation", width: "minmax(8.5rem, 1.2fr)", cell: (e) => <code title={e.operation}>{what(e)}</code> },
    { id: "connection", title: "Connection", width: "minmax(6rem, 0.8fr)", wide: true, cell: (e) => e.connection || (who(e) ? "this host" : "–") },
    { id: "object", title: "Object", width: "minmax(8rem, 1.2fr)", cell: (e) => e.object ? <code title={e.object}>{e.object}</code> : <span class="faint">–</span> },
    {
        id: "outcome", title: "Outcome", width: "6.5rem",
        cell: (e) => <Badge tone={tones[e.outcome ?? ""] ?? "calm"}>{e.outcome ?? ""}</Badge>,
    },
];

const names = ["q", "actor", "connection", "operation", "run", "since", "until"] as const;

export default function Ledger() {
    const { values, set, clear, active } = useFilters(names);
    const [open, setOpen] = useState<LedgerEntry | null>(null);
    const since = values.since ? parseTime(values.since, Date.now()) : undefined;
    const until = values.until ? parseTime(values.until, Date.now()) : undefined;
    const wrongTime = (values.since !== "" && since === undefined) || (values.until !== "" && until === undefined);
    const list = usePages<LedgerEntry>(`ledger ${JSON.stringify(values)}`,
        (cursor, signal) => api.ledger.list({
            q: values.q, actor: values.actor, connection: values.connection, operation: values.operation, run: values.run,
            since, until, cursor, limit: 100, order: "desc",
        }, signal), (e) => String(e.seq));
    return (
        <>
            <PageHead title="Ledger"
                lead="Every write to another system and every administrative action, hash-chained: no entry can be changed, moved, added or removed unnoticed."
                actions={<>
                    <ButtonLink icon="download" href={api.ledger.exportUrl("ndjson")} download="ledger.ndjson">Export NDJSON</ButtonLink>
                    <ButtonLink icon="download" href={api.ledger.exportUrl("csv")} download="ledger.csv">Export CSV</ButtonLink>
                </>} />
            <Verification />
            <div class="ledger-filters"><FilterBar active={active} onClear={clear}>
                <SearchFilter value={values.q} placeholder="Object, run or connection" onChange={(q) => set({ q })} />
                <TextFilter label="Actor, as name or kind:name" placeholder="Actor" value={values.actor} onChange={(actor) => set({ actor })} />
                <TextFilter label="Connection" value={values.connection} onChange={(connection) => set({ connection })} />
                <TextFilter label="Operation" value={values.operation} onChange={(operation) => set({ operation })} />
                <TextFilter label="Since" placeholder="Since, e.g. 7d" value={values.since} onChange={(v) => set({ since: v })} />
                <TextFilter label="Until" placeholder="Until" value={values.until} onChange={(v) => set({ until: v })} />
                {values.run !== "" && <Button small icon="close" title="Remove this filter" onClick={() => set({ run: "" })}>{`Run ${shortId(values.run)}`}</Button>}
            </FilterBar></div>
            {wrongTime && <Notice tone="bad" icon="warning">
                <p>Enter a date (2026-03-01), a time (2026-03-01T14:05:09Z) or an age (36h, 7d).</p></Notice>}
            {list.error !== undefined && <ErrorBox error={list.error} retry={list.reload} />}
            <DataTable label="Ledger entries" columns={columns} rows={list.rows} id={(e) => String(e.seq)} onOpen={setOpen}
                loading={list.loading} more={list.more} hasMore={list.next !== null}
                narrow={(e) => <>
                    <span class="narrow-line"><code>{what(e)}</code><Badge tone={tones[e.outcome ?? ""] ?? "calm"}>{e.outcome ?? ""}</Badge></span>
                    <span class="narrow-line"><span>{who(e) || String(e.instance ?? "")} · {e.object}</span><Time at={millis(e)} as="clock" /></span>
                </>}
                empty={active > 0 ? <Empty icon="search" title="No entry matches" />
                    : <Empty icon="ledger" title="No entries yet" />} />
            {open && <Entry of={open} onClose={() => setOpen(null)} />}
        </>
    );
}

function Entry({ of: e, onClose }: { of: LedgerEntry; onClose: () => void }) {
    const digest = (name: string, value: unknown): [string, preact.ComponentChildren] =>
        [name, typeof value === "string" && value !== "" &&
            <span class="digest"><code>{value}</code><CopyButton text={value} label={`Copy ${name.toLowerCase()}`} /></span>];
    return (
        <Dialog title={`Entry ${e.seq}`} wide onClose={onClose}>
            <Facts of={[
                ["When", <Time at={millis(e)} as="absolute" />],
                ["Actor", who(e) && <Actor of={e} />],
                ["Run", e.run && <a href={href("runs", e.run)} onClick={onClose}>{e.run}</a>],
                ["Flow", typeof e.instance === "string" ? e.instance : ""],
                ["Step", typeof e.step === "string" && e.step !== "" && <>{e.step}, attempt {String(e.attempt ?? 1)}</>],
                ["Connection", e.connection && <a href={href("connections", e.connection)} onClick={onClose}>{e.connection}</a>],
                ["Operation", e.operation && <code>{e.operation}</code>],
                ["Object", e.object && <code>{e.object}</code>],
                ["Outcome", <Badge tone={tones[e.outcome ?? ""] ?? "calm"}>{e.outcome ?? ""}</Badge>],
                digest("Request", e.request), digest("Before", e.before), digest("After", e.after), digest("Hash", e.hash),
            ]} />
            <p class="field-hint entry-hint">
                Only digests are kept: whoever has a payload can prove with its SHA-256 that it is the one.
            </p>
        </Dialog>
    );
}

function Verification() {
    const [state, setState] = useState<{ busy: boolean; found?: LedgerVerification; error?: unknown; at?: number }>({ busy: false });
    const verify = async () => {
        setState({ busy: true });
        try {
            setState({ busy: false, found: await api.ledger.verify(), at: Date.now() });
        } catch (error) {
            setState({ busy: false, error });
        }
    };
    const v = state.found;
    const head = v ? `${v.last_seq}:${v.last_hash}` : "";
    return (
        <Card class="verification">
            <div class="verification-row" aria-live="polite">
                {v ? (
                    <div class="verification-text">
                        <Badge tone={v.ok ? "ok" : "bad"} icon={v.ok ? "check" : "cross"}>{v.ok ? "Unchanged" : "Changed"}</Badge>
                        <span>{v.ok ? `${count(v.entries)} entries verified` : `Entry ${v.first_bad_seq}: ${v.what}`},
                            checked <Time at={state.at} /> in {duration(v.took_ms)}</span>
                    </div>
                ) : <p>{state.busy ? "Verifying the whole chain…" : "Verify that no entry was changed, moved, added or removed."}</p>}
                <Button look={v ? "plain" : "primary"} icon="check" busy={state.busy} onClick={() => void verify()}>
                    {v ? "Verify again" : "Verify the chain"}</Button>
            </div>
            {state.busy && <progress class="bar" aria-label="Verification in progress" />}
            {state.error !== undefined && <ErrorBox error={state.error} retry={() => void verify()} />}
            {v?.ok && v.last_seq > 0 && (
                <p class="digest"><span class="muted">Chain head, to keep a copy of elsewhere: </span><code>{head}</code>
                    <CopyButton text={head} label="Copy the chain head" /></p>
            )}
        </Card>
    );
}
