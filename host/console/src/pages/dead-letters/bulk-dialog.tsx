// SPDX-License-Identifier: Apache-2.0
// One decision on many dead letters: retry or discard all of a cause, of a flow, or all there are.
import { useState } from "preact/hooks";

import { api, type BulkRequest, type Json } from "../../api";
import { plural } from "../../lib/format";
import { go } from "../../state";
import { Button, Checkbox, Dialog, ErrorBox, Notice, TextField, toast } from "../../ui";

export interface BulkScope {
    what: string; // for people: "runs of this cause", "dead letters of flow campaigns"
    select: Pick<BulkRequest, "fingerprint" | "flow" | "all">;
    failed: number;
    inDoubt: number;
}

export function BulkDialog({ action, scope, patch, onClose }: {
    action: "retry" | "discard" | "edit"; scope: BulkScope; patch?: Json; onClose: () => void;
}) {
    const [rate, setRate] = useState("10");
    const [giveUp, setGiveUp] = useState("5");
    const [redo, setRedo] = useState(false);
    const [reason, setReason] = useState("");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const perSecond = Number(rate);
    const again = Number(giveUp);
    const wrongRate = perSecond > 0 && perSecond <= 1000 ? "" : "a number above 0, at most 1000";
    const wrongAgain = Number.isInteger(again) && again >= 1 && again <= 1e6 ? "" : "a whole number from 1";
    // Without redo a run in doubt is left out of a retry and an edit; discarding takes all.
    const n = scope.failed + (action === "discard" || redo ? scope.inDoubt : 0);
    const verb = { retry: "Retry", discard: "Discard", edit: "Edit" }[action];
    const start = async () => {
        setBusy(true);
        setError(null);
        try {
            const job = await api.bulk.start({
                action, ...scope.select, runs_per_second: perSecond,
                ...(action !== "discard" ? { give_up_after: again, redo } : { reason: reason.trim() }),
                ...(patch !== undefined ? { patch } : {}),
            });
            toast(`Bulk job for ${plural(job.total, "run")} started.`);
            onClose();
            go(`#/dead-letters/jobs/${job.id}`);
        } catch (e) {
            setError(e);
            setBusy(false);
        }
    };
    return (
        <Dialog title={`${verb} all ${scope.what}`} onClose={onClose} footer={<>
            <Button onClick={onClose}>Cancel</Button>
            <Button look={action === "discard" ? "danger" : "primary"} busy={busy} onClick={() => void start()}
                disabled={wrongRate !== "" || wrongAgain !== "" || n === 0 ||
                    (action === "discard" && reason.trim() === "")}>
                {verb} {plural(n, "run")}
            </Button>
        </>}>
            <div class="stack">
                <p>
                    {action === "discard"
                        ? "Discarded runs are given up for good. Nothing is undone in the other systems."
                        : "Oldest first. Each run continues from its failed step; completed steps are not repeated."}
                </p>
                <TextField label="Runs per second" value={rate} onInput={setRate} problem={wrongRate}
                    hint={`${plural(n, "run")} will take about ${estimate(n, perSecond)}.`} />
                {action !== "discard" && <>
                    <TextField label="Stop after consecutive failures" value={giveUp} onInput={setGiveUp} problem={wrongAgain}
                        hint="The job stops by itself when this many runs in a row fail again for the same cause." />
                    {scope.inDoubt > 0 && <>
                        <Notice tone="doubt" icon="question">
                            <p>{plural(scope.inDoubt, "run is", "runs are")} in doubt: it is unknown whether
                                the write happened. They are skipped, to be resolved one by one.</p>
                        </Notice>
                        <Checkbox checked={redo} onChange={setRedo}
                            label="None of these writes happened: repeat them"
                            hint="Check the other system first. A write that did happen would be made twice." />
                    </>}
                </>}
                {action === "discard" && (
                    <TextField label="Reason" value={reason} onInput={setReason} required autofocus
                        hint="Recorded in the ledger with your name and the time." />
                )}
                {error !== null && <ErrorBox error={error} />}
            </div>
        </Dialog>
    );
}

function estimate(n: number, rate: number): string {
    if (!(rate > 0)) return "–";
    const s = n / rate;
    if (s < 90) return `${Math.max(1, Math.round(s))} s`;
    return s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}
