// SPDX-License-Identifier: Apache-2.0
// One run: what became of it, what to do next, its steps over time, what it wrote, its event.
import { useEffect, useRef } from "preact/hooks";

import { api, ApiError, type LinkedObject, type RunDetails } from "../api";
import { useLive, useQuery } from "../hooks";
import { words } from "../lib/format";
import { href } from "../lib/query";
import { backTo } from "../state";
import {
    Answer, Badge, Card, CopyButton, Duration, Empty, Facts, Icon, JsonView, Notice, PageHead, StateBadge, Time,
} from "../ui";
import { AdviceCard, RunActions } from "./advice";
import { FailureBox, StepTimeline } from "./timeline";

// What people call it: events carry a title or a name more often than not.
export function titleOf(run: RunDetails): string {
    const data = run.event.data;
    if (typeof data === "object" && data !== null && !Array.isArray(data)) {
        for (const name of ["title", "name"]) {
            const value = data[name];
            if (typeof value === "string" && value.trim() !== "" && value.length < 200) return value;
        }
    }
    return run.event_subject || run.key || run.id;
}

const ended = new Set(["succeeded", "failed", "in_doubt", "cancelled", "discarded"]);

function Summary({ run }: { run: RunDetails }) {
    return (
        <div class="run-summary">
            <div><span class="muted">Flow</span><a href={href("runs", { flow: run.flow })}><strong>{run.flow}</strong></a></div>
            <div><span class="muted">Event</span><a href={href("events", run.event.ref)}>{run.event_type}</a></div>
            <div><span class="muted">Started</span><Time at={run.created_at} /></div>
            <div><span class="muted">{ended.has(run.state) ? "Duration" : "Running for"}</span><Duration from={run.created_at} to={ended.has(run.state) ? run.updated_at : undefined} /></div>
            {run.wake_at > 0 && !ended.has(run.state) && <div><span class="muted">Resumes</span><Time at={run.wake_at} /></div>}
            {run.held_by && <div><span class="muted">Held by</span><a href={href("connections", run.held_by)}>{run.held_by}</a></div>}
            <div><span class="muted">Key</span><a href={href("runs", { key: run.key })}><code>{run.key || "–"}</code></a></div>
            {run.parent && <div><span class="muted">Parent run</span><a href={href("runs", run.parent)}>{run.parent_step || "another run"}</a></div>}
        </div>
    );
}

function Objects({ of, run }: { of: LinkedObject[]; run: string }) {
    if (of.length === 0) return <Empty icon="ledger" title="Nothing was written">The ledger has no entry for this run.</Empty>;
    return (
        <ul class="object-list">
            {of.map((o, i) => (
                <li key={i}>
                    <div class="object-top">
                        {o.seq ? <a href={href("ledger", { run, q: o.object })}><code>{o.object || "–"}</code></a> : <code>{o.object || "–"}</code>}
                        <Badge tone={o.outcome === "done" || o.outcome === "ok" || o.outcome === "success" ? "ok" : "calm"}>{words(o.outcome)}</Badge>
                    </div>
                    <div class="muted small-text object-under">
                        <span><a href={href("connections", o.connection)}>{o.connection}</a> {o.operation}</span>
                        <Time at={typeof o.at === "string" ? Date.parse(o.at) : o.at} />
                    </div>
                </li>
            ))}
        </ul>
    );
}

function Side({ run }: { run: RunDetails }) {
    const links = run.links ?? [];
    return (
        <div class="run-side">
            <Card title="What it wrote" actions={<a href={href("ledger", { run: run.id })}>View in ledger</a>}><Objects of={run.objects ?? []} run={run.id} /></Card>
            {links.length > 0 && (
                <Card title="Links">
                    <ul class="object-list">
                        {links.map((l) => (
                            <li key={l.relation + l.a}>
                                <div class="link-pair"><code>{l.a}</code><Icon name="link" size={13} /><code>{l.b}</code></div>
                                <div class="muted small-text object-under"><span>{l.relation}</span><Time at={l.updated_at} /></div>
                            </li>
                        ))}
                    </ul>
                </Card>
            )}
            {run.notes.length > 0 && (
                <Card title="Actions by people">
                    <ul class="object-list">
                        {run.notes.map((n, i) => (
                            <li key={i}>
                                <div class="object-top"><span><strong>{n.who}</strong> {words(n.action)}</span><Time at={n.at} /></div>
                                {n.detail !== null && <JsonView value={n.detail} label={`detail of ${n.action}`} open={1} />}
                            </li>
                        ))}
                    </ul>
                </Card>
            )}
            <Card title="Details">
                <Facts of={[
                    ["Run", <span class="row"><code>{run.id}</code><CopyButton text={run.id} label="Copy run id" /></span>],
                    ["Trace", run.trace_id && <span class="row"><code>{run.trace_id}</code><CopyButton text={run.trace_id} label="Copy trace id" /></span>],
                    ["Plugin", <><a href={href("plugins", run.plugin)}>{run.plugin}</a> {run.plugin_version}</>],
                    ["Revision", <code title={run.config_revision}>{run.config_revision.slice(0, 12)}</code>],
                    ["Times started", String(run.starts)],
                    ["Cause", run.fingerprint && <a href={href("dead-letters", run.fingerprint)}><code>{run.fingerprint}</code></a>],
                ]} />
            </Card>
        </div>
    );
}

function Details({ run }: { run: RunDetails }) {
    const e = run.event;
    return (
        <div class="run-columns">
            <div class="run-main">
                {run.failure && <FailureBox failure={run.failure} />}
                {run.cancel_reason && <Notice icon="slash"><p>Cancelled: {run.cancel_reason}</p></Notice>}
                <AdviceCard run={run} />
                <Card title="Steps" flush>
                    {run.steps.length === 0 && run.children.length === 0
                        ? <Empty icon="clock" title="No steps yet">{run.state === "ready" ? "It starts when it is first in line for its key." : "The run ended before its first step."}</Empty>
                        : <StepTimeline run={run} />}
                </Card>
                {run.result !== undefined && run.result !== null && <Card title="Result"><JsonView value={run.result} label="result of the run" open={3} /></Card>}
                <Card title="Event" actions={<a href={href("events", e.ref)}>{e.type}</a>}>
                    <div class="stack">
                        <Facts columns={3} of={[
                            ["Subject", e.subject], ["Source", e.source], ["Received via", e.via],
                            ["Occurred", <Time at={e.time} as="absolute" />], ["Accepted", <Time at={e.accepted_at} as="absolute" />],
                            ["Data", run.event_edited && "edited by a person"],
                        ]} />
                        <JsonView value={e.data} label="data of the event" />
                    </div>
                </Card>
            </div>
            <Side run={run} />
        </div>
    );
}

export default function RunPage({ id }: { id: string }) {
    const answer = useQuery(`run ${id}`, (signal) => api.runs.show(id, signal));
    const timer = useRef<ReturnType<typeof setTimeout>>();
    const open = answer.data !== undefined && !ended.has(answer.data.state);
    useLive("run", (r) => {
        if (r.id !== id && r.parent !== id) return;
        clearTimeout(timer.current);
        timer.current = setTimeout(answer.reload, 150);
    });
    // Steps that end between two changes of state are not pushed.
    useEffect(() => {
        if (!open) return;
        const every = setInterval(() => { if (!document.hidden) answer.reload(); }, 2_500);
        return () => clearInterval(every);
    }, [open]);
    useEffect(() => () => clearTimeout(timer.current), []);
    const run = answer.data;
    const back = { href: backTo("runs"), text: "Runs" };
    if (answer.error instanceof ApiError && answer.error.status === 404) {
        return (
            <>
                <PageHead title="Run not found" back={back} />
                <Empty icon="question" title="This run is not in the journal">It may have been removed after its retention time. <code>{id}</code></Empty>
            </>
        );
    }
    return (
        <>
            <PageHead title={run ? titleOf(run) : "Run"} back={back}
                actions={run && <RunActions run={run} changed={answer.reload} />}>
                {run && <div class="run-line"><StateBadge state={run.state} /><Summary run={run} /></div>}
            </PageHead>
            <Answer of={answer} lines={8}>{(r) => <Details run={r} />}</Answer>
        </>
    );
}
