// SPDX-License-Identifier: Apache-2.0
// What to do next with a run: the host's own advice in words, as buttons for those who may.
import { useState } from "preact/hooks";

import { api, type RunDetails } from "../api";
import { href } from "../lib/query";
import { may } from "../state";
import "../pages/dead-letters/dead-letters.css"; // of the dialogs
import { DiscardDialog } from "../pages/dead-letters/discard-dialog";
import { RetryDialog } from "../pages/dead-letters/retry-dialog";
import { ButtonLink, Card, Confirm, CopyButton, Disclosure, toast } from "../ui";
import { RoleButton, whyNot } from "../ui/allowed";

const isDead = (r: RunDetails) => r.state === "failed" || r.state === "in_doubt";
const isOpen = (r: RunDetails) => r.state === "ready" || r.state === "active" || r.state === "waiting";

export function RunActions({ run, changed }: { run: RunDetails; changed: () => void }) {
    const [ask, setAsk] = useState<"retry" | "discard" | "cancel" | null>(null);
    const close = () => setAsk(null);
    return (
        <>
            {isDead(run) && (
                <>
                    <RoleButton look="primary" icon="retry" onClick={() => setAsk("retry")}>{run.state === "in_doubt" ? "Resolve" : "Retry"}</RoleButton>
                    {may("operator") && <ButtonLink href={href("dead-letters", "edit", run.id)} icon="edit">Edit</ButtonLink>}
                    <RoleButton look="danger" icon="trash" onClick={() => setAsk("discard")}>Discard</RoleButton>
                </>
            )}
            {isOpen(run) && !run.cancel_reason && <RoleButton look="danger" icon="slash" onClick={() => setAsk("cancel")}>Cancel</RoleButton>}
            {ask === "retry" && <RetryDialog run={run} onClose={close} onDone={changed} />}
            {ask === "discard" && <DiscardDialog run={run} onClose={close} onDone={changed} />}
            {ask === "cancel" && (
                <Confirm title="Cancel this run?" action="Cancel run" keep="Keep running" danger reason="needed" onClose={close} act={async (reason) => {
                    const done = await api.runs.cancel(run.id, reason);
                    toast(done.ended.includes(run.id) ? "Run cancelled." : "Cancellation requested; the run ends soon.");
                    changed();
                }}>
                    <p>The run and its unfinished child runs are cancelled. A call in flight is told to stop; if it is then unknown whether it changed something, the run ends in doubt.</p>
                </Confirm>
            )}
        </>
    );
}

// The host's advice, and the way to the connection that is meant.
export function AdviceCard({ run }: { run: RunDetails }) {
    const { look, commands } = run.advice;
    if (look.length === 0 && commands.length === 0) return null;
    const connection = commands.map((c) => /connections (?:test|resume) (\S+)/.exec(c.command)?.[1]).find(Boolean);
    const why = whyNot("operator");
    return (
        <Card title="What to do next" class="advice">
            <div class="stack">
                {look.length > 0 && <ul class="advice-look">{look.map((l) => <li key={l}>{l}</li>)}</ul>}
                <div class="row">
                    {connection && <ButtonLink small icon="connections" href={href("connections", connection)}>{`Connection ${connection}`}</ButtonLink>}
                    {run.fingerprint && <ButtonLink small icon="letters" href={href("dead-letters", run.fingerprint)}>All runs with this cause</ButtonLink>}
                </div>
                {isDead(run) && why !== "" && <p class="muted small-text">{why}</p>}
                {commands.length > 0 && (
                    <Disclosure summary="On the command line">
                        <ul class="commands">
                            {commands.map((c) => (
                                <li key={c.command}>
                                    {c.when && <span class="muted">{c.when}:</span>}
                                    <span class="command"><code>{c.command}</code><CopyButton text={c.command} label="Copy command" /></span>
                                </li>
                            ))}
                        </ul>
                    </Disclosure>
                )}
            </div>
        </Card>
    );
}
