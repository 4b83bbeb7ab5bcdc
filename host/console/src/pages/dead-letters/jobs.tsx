// SPDX-License-Identifier: Apache-2.0
// Bulk jobs: how far they have come, why they stopped; stopping one.
import { useState } from "preact/hooks";

import { api, type BulkJob } from "../../api";
import { useQuery } from "../../hooks";
import { count, plural } from "../../lib/format";
import { href } from "../../lib/query";
import {
    Answer, Badge, Card, Confirm, Duration, Empty, Facts, PageHead, Time, type Tone, toast,
} from "../../ui";
import { RoleButton } from "../../ui/allowed";

const tones: Record<BulkJob["state"], Tone> = {
    running: "run", done: "ok", stopped: "bad", cancelled: "calm", failed: "bad",
};

const back = { href: href("dead-letters"), text: "Dead letters" };

function scopeOf(job: BulkJob): string {
    if (job.fingerprint) return `cause ${job.fingerprint}`;
    return job.flow ? `flow ${job.flow}` : "all dead letters";
}

export function Progress({ value, most, label }: { value: number; most: number; label: string }) {
    return <progress class="bar" value={value} max={Math.max(1, most)} aria-label={label} />;
}

function Job({ job, onChange }: { job: BulkJob; onChange: () => void }) {
    const [stopping, setStopping] = useState(false);
    const verb = { retry: "Retry", edit: "Edit", discard: "Discard" }[job.action];
    const seen = job.done + job.left_out;
    return (
        <Card class="job" title={<>{verb} {scopeOf(job)} <span aria-live="polite"><Badge tone={tones[job.state]}>{job.state}</Badge></span></>}
            actions={job.state === "running" && (
                <RoleButton icon="close" small onClick={() => setStopping(true)}>Stop</RoleButton>
            )}>
            <Progress value={seen} most={job.total} label={`Progress of the job: ${seen} of ${job.total}`} />
            <p class="job-line">
                {count(seen)} of {plural(job.total, "run")}
                {job.failed > 0 && <>, <b class="bad-text">{count(job.failed)} failed again</b></>}
                {job.left_out > 0 && `, ${count(job.left_out)} skipped`}
                {(job.under_way ?? 0) > 0 && `, ${count(job.under_way!)} in progress`}
            </p>
            <Facts columns={3} of={[
                ["Started", <Time at={job.started_at} />],
                ["Duration", <Duration from={job.started_at} to={job.ended_at || undefined} />],
                ["By", job.who],
                ["Ended because", job.why],
                ["Last error", job.last_problem],
            ]} />
            {stopping && (
                <Confirm title="Stop the job?" action="Stop job" onClose={() => setStopping(false)}
                    act={async () => {
                        await api.bulk.cancel(job.id);
                        toast("Job stopped. Completed work stays.");
                        onChange();
                    }}>
                    <p>No further runs are changed. Completed work stays.</p>
                </Confirm>
            )}
        </Card>
    );
}

export function BulkJobs({ only }: { only?: string }) {
    const [running, setRunning] = useState(true);
    const jobs = useQuery(`bulk ${only ?? ""}`, async (signal) => {
        const list = only ? [await api.bulk.show(only, signal)] : (await api.bulk.list(signal)).rows;
        setRunning(list.some((j) => j.state === "running"));
        return list;
    }, running ? 1000 : 5000);
    return (
        <>
            <PageHead title={only ? "Bulk job" : "Bulk jobs"} back={back}
                lead="Retries, edits and discards of many runs. A job continues after a restart and stops by itself when runs keep failing for the same cause." />
            <Answer of={jobs}>
                {(list) => list.length === 0
                    ? <Empty icon="letters" title="No bulk job yet">
                        <p>Start one from <a href={href("dead-letters")}>the list of causes</a>.</p>
                    </Empty>
                    : <div class="stack">{list.map((j) => <Job key={j.id} job={j} onChange={jobs.reload} />)}</div>}
            </Answer>
            {only && <p><a href={href("dead-letters", "jobs")}>All bulk jobs</a></p>}
        </>
    );
}
