// SPDX-License-Identifier: Apache-2.0
// The runs of one cause, and what can be done with one or all of them.
import { useState } from "preact/hooks";

import { api, type Run } from "../../api";
import { useLive, usePages, useQuery } from "../../hooks";
import { plural } from "../../lib/format";
import { href } from "../../lib/query";
import { backTo } from "../../state";
import {
    Badge, ButtonLink, type Column, DataTable, Empty, ErrorBox, PageHead, StateBadge, Time,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";
import { BulkDialog } from "./bulk-dialog";
import { CauseCounts, scopeOfGroup } from "./causes";
import { DiscardDialog } from "./discard-dialog";
import { RetryDialog } from "./retry-dialog";

type Asked = { what: "retry" | "discard"; run: Run } | { what: "retry-all" | "discard-all" };

export function Cause({ fingerprint }: { fingerprint: string }) {
    const [asked, setAsked] = useState<Asked | null>(null);
    const group = useQuery(`cause ${fingerprint}`, async (signal) =>
        (await api.deadLetters({ limit: 1000 }, signal)).rows.find((g) => g.fingerprint === fingerprint) ?? null);
    const runs = usePages<Run>(`cause runs ${fingerprint}`,
        (cursor, signal) => api.runs.list({ fingerprint, state: "failed,in_doubt", cursor, limit: 100 }, signal),
        (r) => r.id);
    const reload = () => {
        group.reload();
        runs.reload();
    };
    useLive("run", (run) => {
        const dead = run.state === "failed" || run.state === "in_doubt";
        if (!dead) {
            if (!runs.rows.some((r) => r.id === run.id)) return;
            runs.push(run, false, true);
        } else if (run.fingerprint === fingerprint) {
            runs.push(run, true, true);
        } else if (!run.fingerprint) {
            runs.reload(); // told before its cause was known
        }
        group.reload();
    });
    const g = group.data;
    const columns: Column<Run>[] = [
        { id: "state", title: "State", width: "7.5rem", cell: (r) => <StateBadge state={r.state} /> },
        {
            id: "object", title: "Object", width: "minmax(9rem, 1.4fr)",
            cell: (r) => <a href={href("runs", r.id)}>{r.event_subject || r.key}</a>,
        },
        {
            id: "message", title: "Error", width: "minmax(10rem, 2.4fr)", wide: true,
            cell: (r) => <span title={r.failure?.message}>{r.failure?.message}</span>,
        },
        { id: "at", title: "Stopped", width: "7rem", cell: (r) => <Time at={r.updated_at} /> },
        {
            id: "act", title: <span class="visually-hidden">Actions</span>, width: "15.5rem", align: "end",
            cell: (r) => <RowActions run={r} ask={setAsked} />,
        },
    ];
    return (
        <>
            <PageHead title={g?.message || (group.loading ? "Dead letters" : "This cause is resolved")}
                back={{ href: backTo("dead-letters"), text: "Dead letters" }}
                lead={g ? <>Flow <a href={href("runs", { flow: g.flow })}>{g.flow}</a>
                    {g.step && <>, step <code>{g.step}</code></>}, <code>{g.code}</code></> : undefined}
                actions={g && <>
                    <RoleButton look="primary" icon="retry" onClick={() => setAsked({ what: "retry-all" })}>
                        Retry all</RoleButton>
                    <ButtonLink icon="edit" href={href("dead-letters", "edit", g.oldest, { all: fingerprint })}>
                        Edit all</ButtonLink>
                    <RoleButton look="danger" icon="trash" onClick={() => setAsked({ what: "discard-all" })}>
                        Discard all</RoleButton>
                </>}>
                {g && <p class="cause-line"><CauseCounts of={g} />
                    <span class="muted">first <Time at={g.first_at} />, last <Time at={g.last_at} /></span>
                    <Badge title="Fingerprint of this cause; it stays the same across restarts">
                        <code>{fingerprint}</code></Badge></p>}
            </PageHead>
            <RoleNotice to="retry, edit or discard" />
            {group.error !== undefined && <ErrorBox error={group.error} retry={reload} />}
            {runs.error !== undefined && <ErrorBox error={runs.error} retry={reload} />}
            <DataTable label="Runs of this cause" columns={columns} rows={runs.rows} id={(r) => r.id}
                href={(r) => href("runs", r.id)} loading={runs.loading} more={runs.more}
                hasMore={runs.next !== null} narrowHeight={124}
                narrow={(r) => (
                    <div class="narrow-run">
                        <span class="narrow-top">
                            <a href={href("runs", r.id)}>{r.event_subject || r.key}</a>
                            <StateBadge state={r.state} />
                        </span>
                        <span class="muted">{plural(r.starts, "start")}, stopped <Time at={r.updated_at} /></span>
                        <RowActions run={r} ask={setAsked} />
                    </div>
                )}
                empty={<Empty icon="check" title="No run with this cause is left">
                    <p><a href={href("dead-letters")}>All causes</a></p></Empty>} />
            {asked?.what === "retry" && <RetryDialog run={asked.run} onDone={reload} onClose={() => setAsked(null)} />}
            {asked?.what === "discard" && <DiscardDialog run={asked.run} onDone={reload} onClose={() => setAsked(null)} />}
            {g && asked?.what === "retry-all" &&
                <BulkDialog action="retry" scope={scopeOfGroup(g)} onClose={() => setAsked(null)} />}
            {g && asked?.what === "discard-all" &&
                <BulkDialog action="discard" scope={scopeOfGroup(g)} onClose={() => setAsked(null)} />}
        </>
    );
}

function RowActions({ run, ask }: { run: Run; ask: (a: Asked) => void }) {
    const name = run.event_subject || run.key;
    return (
        <span class="row-actions">
            <RoleButton small icon="retry" title={`Retry the run for ${name}`}
                onClick={() => ask({ what: "retry", run })}>
                {run.state === "in_doubt" ? "Resolve" : "Retry"}</RoleButton>
            <ButtonLink small icon="edit" href={href("dead-letters", "edit", run.id)}>Edit</ButtonLink>
            <RoleButton small look="quiet" icon="trash" label={`Discard the run for ${name}`}
                onClick={() => ask({ what: "discard", run })} />
        </span>
    );
}
