// SPDX-License-Identifier: Apache-2.0
// The steps of a run over time. Each line opens to what was sent, what came back and what failed.
import { useState } from "preact/hooks";

import type { Failure, Json, RunDetails, Step } from "../api";
import { absolute, duration, plural } from "../lib/format";
import { href } from "../lib/query";
import { type Bar, type Timeline, timelineOf } from "../lib/timeline";
import { summaryOf } from "../lib/tries";
import { Badge, Button, Duration, Facts, Icon, type IconName, JsonView, now, StateBadge, Time, type Tone } from "../ui";
import { Stretches, TryList } from "./tries";

const stateLook: Record<Step["state"], { tone: Tone; icon: IconName; says: string }> = {
    started: { tone: "run", icon: "play", says: "begun" },
    waiting: { tone: "wait", icon: "clock", says: "waiting" },
    retrying: { tone: "doubt", icon: "retry", says: "will be tried again" },
    done: { tone: "ok", icon: "check", says: "done" },
    failed: { tone: "bad", icon: "cross", says: "failed" },
};
const kindWords: Record<Step["kind"], string> = {
    call: "call", sleep: "sleep", wait_event: "wait for an event", record: "record", link: "link", state: "state", transfer: "transfer", spawn: "child runs",
};

// A call's target says what it is; of other steps the kind does.
function underOf(step: Step): string {
    const kind = kindWords[step.kind] ?? step.kind;
    if (step.kind === "call" || step.kind === "transfer") return step.target;
    return step.target && step.kind !== "sleep" ? `${kind} · ${step.target.replace(/^[a-z_]+:/, "")}` : kind;
}

function lookOf(step: Step, run: RunDetails) {
    if (step.state === "started" && run.state === "in_doubt") return { tone: "doubt" as const, icon: "question" as const, says: "in doubt" };
    if (step.kind === "sleep" || step.kind === "wait_event") return { ...stateLook[step.state], tone: step.state === "failed" ? "bad" as const : "wait" as const };
    return stateLook[step.state];
}

export function FailureBox({ failure }: { failure: Failure }) {
    return (
        <div class="failure-box tone-bad">
            <p class="failure-message"><Icon name="warning" />{failure.message}</p>
            <p class="muted small-text">
                <code>{failure.code}</code> {failure.category}{failure.http_status ? ` · HTTP ${failure.http_status}` : ""} · effect {failure.effect}
            </p>
            {failure.details !== undefined && failure.details !== null && <JsonView value={failure.details} label="details of the failure" open={3} />}
        </div>
    );
}

function Value({ title, value }: { title: string; value: Json }) {
    if (value === null || value === undefined) return null;
    return (
        <div class="step-value">
            <h3>{title}</h3>
            <JsonView value={value} label={title} />
        </div>
    );
}

function StepDetail({ step }: { step: Step }) {
    return (
        <div class="step-detail">
            <Facts columns={3} of={[
                ["Target", step.target && <code>{step.target}</code>],
                ["Kind", kindWords[step.kind] ?? step.kind],
                ["Attempts", String(step.attempts)],
                ["Started", <Time at={step.started_at} as="absolute" />],
                ["Ended", step.finished_at ? <Time at={step.finished_at} as="absolute" /> : ""],
                ["Resumes", step.wake_at > Date.now() ? <Time at={step.wake_at} /> : ""],
                ["Input", step.edited && "edited by a person"],
            ]} />
            {step.failure && <FailureBox failure={step.failure} />}
            <TryList step={step} />
            <div class="step-values">
                <Value title="Input" value={step.input} />
                <Value title="Result" value={step.result} />
            </div>
        </div>
    );
}

function Span({ bar, t, tone }: { bar: Bar; t: Timeline; tone: Tone }) {
    const left = t.at(bar.from) * 100;
    const width = Math.max(0.35, t.at(bar.to) * 100 - left);
    const waits = bar.step?.kind === "sleep" || bar.step?.kind === "wait_event" || bar.step?.state === "retrying";
    return (
        <span class="track" aria-hidden="true">
            {t.cuts.map((c) => (
                <span key={c.from} class="cut" style={{ left: `${t.at(c.from) * 100}%`, width: `${(t.at(c.to) - t.at(c.from)) * 100}%` }} />
            ))}
            {bar.stretches.length > 0 ? <Stretches of={bar.stretches} t={t} tone={tone} /> : (
                <span class={`span tone-${tone}${waits ? " waits" : ""}${bar.open ? " open" : ""}${bar.depth ? " child" : ""}`}
                    style={{ left: `${left}%`, width: `${Math.min(width, 100 - left)}%` }} />
            )}
        </span>
    );
}

function BarLine({ bar, run, t, open, toggle }: { bar: Bar; run: RunDetails; t: Timeline; open: boolean; toggle: () => void }) {
    const { step, child } = bar;
    if (step === null) {
        if (child === null) return null;
        const tone = child.state === "succeeded" ? "ok" : child.state === "failed" ? "bad" : child.state === "in_doubt" ? "doubt" : "run";
        return (
            <li class="bar-line child">
                <a class="bar-head" href={href("runs", child.id)}>
                    <span class="bar-name"><Icon name="flow" size={13} /><span class="clip">{child.event_subject || child.key || child.flow}</span><StateBadge state={child.state} /></span>
                    <Span bar={bar} t={t} tone={tone} />
                    <span class="bar-took"><Duration from={bar.from} to={bar.open ? undefined : bar.to} /></span>
                </a>
            </li>
        );
    }
    const look = lookOf(step, run);
    const id = `step-${step.key.replace(/\W+/g, "-")}`;
    const summary = summaryOf(bar.stretches);
    return (
        <li class={`bar-line${open ? " open" : ""}`}>
            <button type="button" class="bar-head" aria-expanded={open} aria-controls={id} aria-describedby={summary ? `${id}-tries` : undefined} onClick={toggle}>
                <span class="bar-name">
                    <span class={`bar-state tone-${look.tone}`} title={look.says}><Icon name={look.icon} size={13} title={look.says} /></span>
                    <span class="bar-title"><span class="clip" title={step.key}>{step.key}</span><span class="bar-under clip">{underOf(step)}</span></span>
                    {step.attempts > 1 && <Badge tone={step.state === "failed" ? "bad" : "doubt"} icon="retry" title={plural(step.attempts, "attempt")}>{step.attempts}</Badge>}
                </span>
                <Span bar={bar} t={t} tone={look.tone} />
                <span class="bar-took">
                    {bar.waitUntil > now.value ? <span class="tone-wait wait-text">next <Time at={bar.waitUntil} /></span> : <Duration from={bar.from} to={bar.open ? undefined : bar.to} />}
                </span>
            </button>
            {summary && <span id={`${id}-tries`} class="tries-summary">{summary}</span>}
            {open && <div id={id}><StepDetail step={step} /></div>}
        </li>
    );
}

export function StepTimeline({ run }: { run: RunDetails }) {
    const failed = run.steps.find((s) => s.key === run.failed_step)?.key;
    const [open, setOpen] = useState<ReadonlySet<string>>(new Set(failed ? [failed] : []));
    const moving = run.steps.some((s) => !s.finished_at) && ["active", "waiting"].includes(run.state);
    const t = timelineOf(run, run.steps, run.children, moving ? now.value : Date.now());
    const toggle = (id: string) => setOpen((o) => {
        const next = new Set(o);
        if (!next.delete(id)) next.add(id);
        return next;
    });
    const all = run.steps.map((s) => s.key);
    return (
        <div class="timeline">
            <div class="timeline-head">
                <span class="timeline-total">{plural(run.steps.length, "step")} in {duration(t.to - t.from)}</span>
                <span class="ruler" aria-hidden="true">
                    {t.ticks.map((k) => <span key={k.time} style={{ left: `${t.at(k.time) * 100}%` }} title={absolute(k.time, true)}>{k.label}</span>)}
                </span>
                <Button small look="quiet" onClick={() => setOpen(open.size >= all.length ? new Set() : new Set(all))}>{open.size >= all.length ? "Close all" : "Open all"}</Button>
            </div>
            <ol class="bars">
                {t.bars.map((b) => <BarLine key={b.id} bar={b} run={run} t={t} open={open.has(b.id)} toggle={() => toggle(b.id)} />)}
            </ol>
            {t.cuts.length > 0 && <p class="muted small-text cut-note"><span class="cut-sample" aria-hidden="true" /> Hatched: time without work, not to scale ({t.cuts.map((c) => duration(c.to - c.from)).join(", ")}).</p>}
        </div>
    );
}
