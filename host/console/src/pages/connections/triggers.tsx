// SPDX-License-Identifier: Apache-2.0
// What a connection listens to, and backfills: every object of a trigger's kind as an event.
import { useState } from "preact/hooks";

import { api, type Backfill, type TriggerState } from "../../api";
import { useQuery } from "../../hooks";
import { count } from "../../lib/format";
import {
    Badge, Button, Card, Checkbox, Confirm, Dialog, ErrorBox, Facts, TextField, Time, toast, toastError,
    type Tone,
} from "../../ui";
import { RoleButton } from "../../ui/allowed";

const tones: Record<string, Tone> = { running: "run", paused: "wait", done: "ok", failed: "bad", cancelled: "calm" };

export function Triggers({ connection, triggers, reload }: {
    connection: string; triggers: TriggerState[]; reload: () => void;
}) {
    const [busy, setBusy] = useState(false);
    const jobs = useQuery(`backfills ${connection}`, async (signal) => {
        const mine = (await api.backfills.list(signal)).rows.filter((b) => b.connection === connection);
        setBusy(mine.some((b) => b.state === "running"));
        return mine;
    }, busy ? 1000 : 10_000);
    return (
        <Card title="Triggers">
            {triggers.length === 0 && <p class="muted">This connection has no triggers.</p>}
            {jobs.error !== undefined && <ErrorBox error={jobs.error} retry={jobs.reload} />}
            <ul class="stack">
                {triggers.map((t) => (
                    <li key={t.id}>
                        <Trigger connection={connection} of={t} job={jobs.data?.find((j) => j.trigger === t.id)}
                            onChange={() => { jobs.reload(); reload(); }} />
                    </li>
                ))}
            </ul>
        </Card>
    );
}

function Trigger({ connection, of: t, job, onChange }: {
    connection: string; of: TriggerState; job: Backfill | undefined; onChange: () => void;
}) {
    const [asked, setAsked] = useState<"start" | "cancel" | null>(null);
    const act = async (action: "pause" | "resume") => {
        try {
            await api.backfills.act(connection, t.id, action);
            onChange();
        } catch (e) {
            toastError(e);
        }
    };
    const underWay = job !== undefined && (job.state === "running" || job.state === "paused");
    const failure = job?.last_error as { message?: string } | null | undefined;
    return (
        <section class="trigger" aria-label={`Trigger ${t.id}`}>
            <div class="connection-head">
                <h3>{t.title || t.id}</h3>
                <Badge tone={t.open ? "ok" : "calm"}>{t.open ? "Listening" : "Off"}</Badge>
            </div>
            <Facts columns={2} of={[
                ["Trigger", <code>{t.id}</code>],
                ["Last poll", t.last_poll_at ? <Time at={t.last_poll_at} /> : ""],
                ["Polls", typeof t.polls === "number" ? count(t.polls) : ""],
                ["Cursor", t.cursor ? <code>{shortCursor(t.cursor)}</code> : ""],
            ]} />
            {job && (
                <div class="backfill">
                    <p>Backfill <span aria-live="polite"><Badge tone={tones[job.state] ?? "calm"}>{job.state}</Badge></span>{" "}
                        <span class="tabular">{count(Number(job.emitted ?? 0))} events,{" "}
                            {count(Number(job.duplicates ?? 0))} already known, {count(Number(job.pages ?? 0))} pages</span></p>
                    {underWay && <progress class="bar" aria-label="Backfill in progress"
                        {...(job.state === "paused" ? { value: 0 } : {})} />}
                    {failure?.message && <p class="bad-text">{failure.message}</p>}
                    <p class="muted">Started <Time at={Number(job.started_at ?? 0)} />
                        {Number(job.ended_at ?? 0) > 0 && <>, ended <Time at={Number(job.ended_at)} /></>}</p>
                </div>
            )}
            <div class="actions">
                {!underWay && <RoleButton small icon="download" onClick={() => setAsked("start")}>
                    {job ? "Run backfill again" : "Run backfill"}</RoleButton>}
                {job?.state === "running" && <RoleButton small icon="pause" onClick={() => void act("pause")}>Pause backfill</RoleButton>}
                {job?.state === "paused" && <RoleButton small icon="play" onClick={() => void act("resume")}>Resume backfill</RoleButton>}
                {underWay && <RoleButton small look="quiet" icon="close" onClick={() => setAsked("cancel")}>Cancel backfill</RoleButton>}
            </div>
            {asked === "start" && <StartBackfill connection={connection} trigger={t} again={job !== undefined}
                onDone={onChange} onClose={() => setAsked(null)} />}
            {asked === "cancel" && (
                <Confirm title="Cancel the backfill?" action="Cancel backfill" keep="Keep running" danger onClose={() => setAsked(null)}
                    act={async () => {
                        await api.backfills.act(connection, t.id, "cancel");
                        toast("Backfill cancelled. Events already accepted stay.");
                        onChange();
                    }}>
                    <p>Events already accepted stay, and their runs continue.</p>
                </Confirm>
            )}
        </section>
    );
}

const shortCursor = (c: unknown) => {
    const text = typeof c === "string" ? c : JSON.stringify(c);
    return text.length > 90 ? `${text.slice(0, 90)}…` : text;
};

function StartBackfill({ connection, trigger, again, onDone, onClose }: {
    connection: string; trigger: TriggerState; again: boolean; onDone: () => void; onClose: () => void;
}) {
    const [rate, setRate] = useState("50");
    const [anew, setAnew] = useState(again);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const perSecond = Number(rate);
    const wrong = perSecond > 0 && perSecond <= 10_000 ? "" : "a number above 0";
    const start = async () => {
        setBusy(true);
        setError(null);
        try {
            await api.backfills.start({ connection, trigger: trigger.id, events_per_second: perSecond, again: anew });
            toast("Backfill started.");
            onDone();
            onClose();
        } catch (e) {
            setError(e);
            setBusy(false);
        }
    };
    return (
        <Dialog title={`Backfill: ${trigger.title || trigger.id}`} onClose={onClose} footer={<>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={busy} disabled={wrong !== ""} onClick={() => void start()}>Start backfill</Button>
        </>}>
            <div class="stack">
                <p>Every existing object of this trigger's kind comes in as an event, once. Events that are
                    already known are counted and dropped.</p>
                <TextField label="Events per second" value={rate} onInput={setRate} problem={wrong} />
                {again && <Checkbox checked={anew} onChange={setAnew} label="Start again from the beginning" />}
                {error !== null && <ErrorBox error={error} />}
            </div>
        </Dialog>
    );
}
