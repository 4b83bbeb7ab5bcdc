// SPDX-License-Identifier: Apache-2.0
// Dead letters by cause, the most frequent first.
import { useState } from "preact/hooks";

import { api, type DeadLetterGroup } from "../../api";
import { useFilters, useLive, useQuery } from "../../hooks";
import { count, plural } from "../../lib/format";
import { href } from "../../lib/query";
import {
    Answer, Badge, Button, ButtonLink, Card, Empty, FilterBar, PageHead, SelectFilter, Time,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";
import { BulkDialog, type BulkScope } from "./bulk-dialog";

type Action = { action: "retry" | "discard"; scope: BulkScope };

export const scopeOfGroup = (g: DeadLetterGroup): BulkScope => ({
    what: "runs of this cause", select: { fingerprint: g.fingerprint }, failed: g.failed, inDoubt: g.in_doubt,
});

export function CauseCounts({ of: g }: { of: DeadLetterGroup }) {
    return (
        <span class="badges">
            {g.failed > 0 && <Badge tone="bad" icon="cross">{`${count(g.failed)} failed`}</Badge>}
            {g.in_doubt > 0 && <Badge tone="doubt" icon="question">{`${count(g.in_doubt)} in doubt`}</Badge>}
        </span>
    );
}

function CauseCard({ of: g, act }: { of: DeadLetterGroup; act: (a: Action) => void }) {
    const to = href("dead-letters", g.fingerprint);
    const label = g.message.slice(0, 60);
    return (
        <Card class={`cause${g.failed === 0 ? " doubtful" : ""}`}>
            <div class="cause-head">
                <h2><a href={to}>{g.message || g.code}</a></h2>
                <CauseCounts of={g} />
            </div>
            <p class="cause-line">
                <a href={href("runs", { flow: g.flow })}>{g.flow}</a>
                {g.step && <> <span aria-hidden="true">›</span> <code>{g.step}</code></>}
                <code class="muted">{g.code}</code>
                <span class="muted">
                    {g.first_at === g.last_at ? <Time at={g.last_at} />
                        : <>first <Time at={g.first_at} />, last <Time at={g.last_at} /></>}
                </span>
            </p>
            <div class="actions">
                <ButtonLink small href={to}>{`View ${plural(g.failed + g.in_doubt, "run")}`}</ButtonLink>
                <RoleButton small icon="retry" title={`Retry all: ${label}`}
                    onClick={() => act({ action: "retry", scope: scopeOfGroup(g) })}>Retry all</RoleButton>
                <ButtonLink small icon="edit"
                    href={href("dead-letters", "edit", g.oldest, { all: g.fingerprint })}>Edit</ButtonLink>
                <RoleButton small look="quiet" icon="trash" title={`Discard all: ${label}`}
                    onClick={() => act({ action: "discard", scope: scopeOfGroup(g) })}>Discard all</RoleButton>
            </div>
        </Card>
    );
}

export function Causes() {
    const { values, set, clear, active } = useFilters(["flow"] as const);
    const [asked, setAsked] = useState<Action | null>(null);
    const groups = useQuery(`causes ${values.flow}`,
        async (signal) => (await api.deadLetters({ flow: values.flow, limit: 200 }, signal)).rows, 15_000);
    const flows = useQuery("flows", async (signal) => (await api.flows.list(signal)).rows);
    const jobs = useQuery("bulk jobs running", async (signal) =>
        (await api.bulk.list(signal)).rows.filter((j) => j.state === "running").length);
    useLive("counts", () => { if (!groups.loading) groups.reload(); });
    const all = (groups.data ?? []).reduce(
        (sum, g) => ({ failed: sum.failed + g.failed, inDoubt: sum.inDoubt + g.in_doubt }),
        { failed: 0, inDoubt: 0 });
    const scope: BulkScope = {
        what: values.flow ? `dead letters of flow ${values.flow}` : "dead letters",
        select: values.flow ? { flow: values.flow } : { all: true }, ...all,
    };
    const n = all.failed + all.inDoubt;
    return (
        <>
            <PageHead title="Dead letters"
                lead="Runs that stopped and need a decision, grouped by cause. Nothing is lost: fix the cause and retry, edit what a run sends, or discard it."
                actions={<>
                    <ButtonLink look="quiet" icon="runs" href={href("dead-letters", "jobs")}>
                        {jobs.data ? `Bulk jobs (${jobs.data})` : "Bulk jobs"}
                    </ButtonLink>
                    {n > 0 && <>
                        <RoleButton icon="retry" onClick={() => setAsked({ action: "retry", scope })}>
                            {values.flow ? `Retry all of ${values.flow}` : "Retry all dead letters"}</RoleButton>
                    </>}
                </>} />
            <RoleNotice to="retry, edit or discard" />
            <FilterBar active={active} onClear={clear}
                summary={groups.data && (n > 0 ? `${plural(n, "run")}, ${plural(groups.data.length, "cause")}` : "")}>
                <SelectFilter label="Flow" value={values.flow} onChange={(flow) => set({ flow })}
                    any="all" options={(flows.data ?? []).map((f) => f.name)} />
            </FilterBar>
            <Answer of={groups}>
                {(list) => list.length === 0
                    ? <Empty icon="check" title="No dead letters">
                        <p>{values.flow ? `No run of ${values.flow} needs a decision.` : "No run needs a decision."}</p>
                        {active > 0 && <Button small onClick={clear}>All flows</Button>}
                    </Empty>
                    : <ul class="cause-list">
                        {list.map((g) => <li key={g.fingerprint + g.flow}><CauseCard of={g} act={setAsked} /></li>)}
                    </ul>}
            </Answer>
            {asked && <BulkDialog {...asked} onClose={() => setAsked(null)} />}
        </>
    );
}
