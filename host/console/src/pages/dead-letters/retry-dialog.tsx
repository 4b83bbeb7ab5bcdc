// SPDX-License-Identifier: Apache-2.0
// Lets one run go on. For a run in doubt a person must say whether the doubtful write happened.
import { useState } from "preact/hooks";

import { api, type Json, type Run } from "../../api";
import { useQuery } from "../../hooks";
import { href } from "../../lib/query";
import { Answer, Button, Checkbox, Dialog, ErrorBox, Notice, TextArea, toast } from "../../ui";

type Word = "" | "redo" | "done";

export function RetryDialog({ run, onClose, onDone }: {
    run: Run; onClose: () => void; onDone: () => void;
}) {
    const doubt = run.state === "in_doubt";
    const [word, setWord] = useState<Word>("");
    const [result, setResult] = useState("{}");
    const [repin, setRepin] = useState(false);
    const [fresh, setFresh] = useState(false);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const details = useQuery(`advice ${run.id}`, (signal) => api.runs.show(run.id, signal));
    let wrongJson = "";
    let taken: Json = null;
    try {
        taken = JSON.parse(result) as Json;
    } catch (e) {
        wrongJson = `Not valid JSON: ${(e as Error).message}`;
    }
    const retry = async () => {
        setBusy(true);
        setError(null);
        try {
            await api.runs.retry(run.id, {
                ...(word === "redo" ? { redo: true } : {}),
                ...(word === "done" ? { result: taken } : {}),
                ...(repin ? { repin: true } : {}),
                ...(fresh ? { fresh: true } : {}),
            });
            toast("Retry started.", { href: href("runs", run.id), text: "View run" });
            onDone();
            onClose();
        } catch (e) {
            setError(e);
            setBusy(false);
        }
    };
    const undecided = doubt && (word === "" || (word === "done" && wrongJson !== ""));
    return (
        <Dialog title={doubt ? "Resolve a run in doubt" : "Retry this run"} wide={doubt} onClose={onClose}
            footer={<>
                <Button onClick={onClose}>Cancel</Button>
                <Button look="primary" icon="retry" busy={busy} disabled={undecided} onClick={() => void retry()}>
                    {word === "done" ? "Continue with this result" : word === "redo" ? "Repeat the step" : "Retry"}
                </Button>
            </>}>
            <div class="stack">
                {doubt ? <>
                    <Notice tone="doubt" icon="question">
                        <p>
                            It is unknown whether step <b>{run.failed_step || "of this run"}</b> took effect.
                            Check the other system first; Mortise does not guess.
                        </p>
                    </Notice>
                    <Answer of={details} lines={2}>
                        {(d) => d.advice.look.length > 0 && (
                            <ul class="prose">{d.advice.look.map((l) => <li key={l}>{l}</li>)}</ul>
                        )}
                    </Answer>
                    <fieldset class="choices">
                        <legend>Did it happen?</legend>
                        <label><input type="radio" name="word" checked={word === "redo"}
                            onChange={() => setWord("redo")} /> No, it did not happen: repeat it</label>
                        <label><input type="radio" name="word" checked={word === "done"}
                            onChange={() => setWord("done")} /> Yes, it did happen: continue with its result</label>
                    </fieldset>
                    {word === "done" && (
                        <TextArea label="Result of the step (JSON)" mono value={result} onInput={setResult}
                            problem={wrongJson} rows={4}
                            hint="What the call would have returned, for example the id of the new object." />
                    )}
                </> : <>
                    <p>
                        The run continues from step <b>{run.failed_step || "where it stopped"}</b>. Completed
                        steps are not repeated.
                    </p>
                    {details.data?.newer_run && (
                        <Notice tone="wait" icon="clock">
                            <p>
                                A newer event for <b>{run.key}</b> was processed since,
                                by <a href={href("runs", details.data.newer_run)}>this run</a>.
                                What this run had read may be out of date.
                            </p>
                        </Notice>
                    )}
                    {run.failed_step && <Checkbox checked={fresh} onChange={setFresh}
                        label="Read the systems again"
                        hint="Otherwise the run continues with what it had read when it failed." />}
                </>}
                <Checkbox checked={repin} onChange={setRepin}
                    label="Use the flow's current version and settings"
                    hint={`The run started with ${run.plugin} ${run.plugin_version}.`} />
                {error !== null && <ErrorBox error={error} />}
            </div>
        </Dialog>
    );
}
