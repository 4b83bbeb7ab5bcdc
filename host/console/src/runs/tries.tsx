// SPDX-License-Identifier: Apache-2.0
// The attempts of a step: on its bar, and as a list with when, how long, why and what was waited for.
import type { Step, Try } from "../api";
import { absolute, duration, plural } from "../lib/format";
import type { Timeline } from "../lib/timeline";
import { type Stretch, causeOf, differentFailures, outcomeOf, reasonOf, waitOf, wasMade } from "../lib/tries";
import { Badge, Time, type Tone } from "../ui";

export function Stretches({ of, t, tone }: { of: Stretch[]; t: Timeline; tone: Tone }) {
    return (
        <>
            {of.map((s, i) => {
                const left = t.at(s.from) * 100;
                const width = Math.max(s.kind === "wait" ? 0 : 0.35, t.at(s.to) * 100 - left);
                const look = s.kind === "attempt" ? (s.bad ? "bad" : tone) : s.kind === "wait" ? "wait" : "calm";
                return (
                    <span key={i} class={`span stretch ${s.kind} tone-${look}${s.open ? " open" : ""}`} title={s.says}
                        style={{ left: `${left}%`, width: `${Math.min(width, 100 - left)}%` }} />
                );
            })}
        </>
    );
}

function toneOf(t: Try): Tone {
    if (t.outcome === "done" || t.outcome === "found") return "ok";
    if (t.outcome === "held") return "wait";
    if (t.outcome === "cancelled" || t.outcome === "cut_off") return "calm";
    return t.outcome === "in_doubt" ? "doubt" : "bad";
}

function TryLine({ of: t, next, before }: { of: Try; next: Try | undefined; before: Try | undefined }) {
    const wait = waitOf(t, next);
    const same = before?.failure?.message === t.failure?.message && causeOf(t) === (before ? causeOf(before) : "");
    return (
        <li class="try">
            <span class="try-head">
                <Badge tone={toneOf(t)}>{wasMade(t) ? String(t.attempt) : "–"}</Badge>
                <span>{outcomeOf(t)}</span>
                {wasMade(t) && t.began_at > 0 && t.outcome !== "cut_off" && <span class="tabular">{duration(t.ended_at - t.began_at)}</span>}
                <span class="muted">{t.began_at > 0 ? <>from <Time at={t.began_at} as="absolute" /></> : <>until <Time at={t.ended_at} as="absolute" /></>}</span>
                {!!t.limited_ms && <span class="muted">{duration(t.limited_ms)} in the connection's queue</span>}
            </span>
            {t.failure && <span class="try-why">{same ? <span class="muted">the same failure</span> : <>{t.failure.message} <code>{causeOf(t)}</code></>}</span>}
            {wait && (
                <span class="try-wait muted" title={wait.planned ? `planned until ${absolute(wait.to, true)}` : undefined}>
                    {wait.planned ? "waits" : "waited"} {duration(wait.to - wait.from)}: {reasonOf(t)}
                </span>
            )}
        </li>
    );
}

export function TryList({ step }: { step: Step }) {
    const tries = step.tries ?? [];
    if (tries.length === 0) {
        return step.attempts > 1 ? <p class="muted small-text">When each of the {plural(step.attempts, "attempt")} was made is not recorded.</p> : null;
    }
    let number = 0;
    return (
        <div class="step-value">
            <h3>Attempts</h3>
            <ol class="tries">
                {tries.flatMap((t, i) => {
                    const missing = t.number - number - 1;
                    number = t.number;
                    return [
                        missing > 0 && <li key={`gap-${t.number}`} class="try muted">{plural(missing, "attempt")} in between not kept</li>,
                        <TryLine key={t.number} of={t} next={tries[i + 1]} before={tries[i - 1]} />,
                    ];
                })}
            </ol>
        </div>
    );
}

// Beside the last failure of a dead letter: what else went wrong on the way to it.
export function DifferentFailures({ step }: { step: Step | undefined }) {
    const all = step ? differentFailures(step) : [];
    if (all.length === 0) return null;
    return (
        <div class="different-failures">
            <p class="muted small-text">Its attempts did not all fail alike:</p>
            <ul>{all.map((c) => <li key={c.cause + c.message}>{c.times} × {c.message} <code>{c.cause}</code></li>)}</ul>
        </div>
    );
}
