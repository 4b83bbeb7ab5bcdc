// SPDX-License-Identifier: Apache-2.0
// Changes what a dead letter goes on with: the input of its failed step, or the event it began with.
// Checked here while typing, and by the host before it is written; what changes is shown first.
import { useMemo, useState } from "preact/hooks";

import { ApiError, api, type DeadLetterGroup, type EditForm, type Json, type RunDetails } from "../../api";
import { changes, mergePatch, nullsIn } from "../../form/change";
import { check, type Problem } from "../../form/check";
import { useQuery } from "../../hooks";
import { plural } from "../../lib/format";
import { href } from "../../lib/query";
import { titleOf } from "../../runs/run";
import { DifferentFailures } from "../../runs/tries";
import { go, may, place } from "../../state";
import {
    Answer, Button, Card, Empty, ErrorBox, Notice, PageHead, StateBadge, Tabs, toast,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";
import { BulkDialog } from "./bulk-dialog";
import { ChangeList } from "./change-list";
import { scopeOfGroup } from "./causes";
import { Editor } from "./editor";

type What = "step" | "event";

export function EditRun({ id }: { id: string }) {
    const cause = place.value.query.all ?? "";
    const data = useQuery(`edit ${id}`, async (signal) => {
        const [run, form] = await Promise.all([api.runs.show(id, signal), api.runs.editForm(id)]);
        return { run, form };
    });
    const group = useQuery(`edit cause ${cause}`, async (signal) => cause === "" ? null
        : (await api.deadLetters({ limit: 1000 }, signal)).rows.find((g) => g.fingerprint === cause) ?? null);
    const back = cause ? { href: href("dead-letters", cause), text: "Cause" }
        : { href: href("runs", id), text: "Run" };
    return (
        <>
            <PageHead title="Edit and retry" back={back}
                lead={data.data && <>Run for <a href={href("runs", id)}>
                    {titleOf(data.data.run)}</a> of flow {data.data.run.flow}</>} />
            <RoleNotice to="edit" />
            <Answer of={data} lines={6}>
                {({ run, form }) => form.step === null && form.event === null
                    ? <Empty icon="lock" title="This run cannot be edited">
                        <p>{run.state === "failed" || run.state === "in_doubt"
                            ? "It did not stop at a call, and its event can no longer be changed."
                            : "Only dead letters can be edited; this run is not one any more."}</p>
                    </Empty>
                    : <Edit key={form.step?.key ?? ""} run={run} form={form} group={group.data ?? null} />}
            </Answer>
        </>
    );
}

function Edit({ run, form, group }: { run: RunDetails; form: EditForm; group: DeadLetterGroup | null }) {
    const [what, setWhat] = useState<What>(form.step !== null ? "step" : "event");
    const before: Record<What, Json> = { step: form.step?.value ?? null, event: form.event?.value ?? null };
    const schemas: Record<What, Json> = { step: form.step?.schema ?? {}, event: form.event?.schema ?? {} };
    const [values, setValues] = useState(before);
    const [notes, setNotes] = useState<Record<string, string>>({});
    const [said, setSaid] = useState<{ what: What; value: Json; problems: Problem[] } | null>(null);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState("");
    const [bulk, setBulk] = useState(false);
    const value = values[what];
    const list = useMemo(() => changes(before[what], value), [value, what]);
    const problems = useMemo(() => {
        const own = check(value, schemas[what]);
        for (const [pointer, message] of Object.entries(notes))
            if (message !== "") own.push({ pointer, message });
        // What the host said holds for the value it was said of.
        if (said !== null && said.what === what && said.value === value)
            for (const p of said.problems)
                if (!own.some((o) => o.pointer === p.pointer)) own.push(p);
        return own;
    }, [value, what, notes, said]);

    // True when the host takes it; else its problems stand at their fields.
    const ask = async (kind: string, dryRun: boolean): Promise<boolean> => {
        setBusy(kind);
        setError(null);
        try {
            const dry = dryRun ? { dry_run: true } : {};
            await api.runs.edit(run.id, what === "event" ? { event: value, ...dry }
                : { input: value, step: form.step!.key, ...dry });
            setSaid({ what, value, problems: [] });
            return true;
        } catch (e) {
            const places = e instanceof ApiError ? e.problems : [];
            setSaid({ what, value, problems: places.map((p) => ({ ...p, pointer: p.pointer ?? "" })) });
            setError(e);
            return false;
        } finally {
            setBusy("");
        }
    };
    const apply = async () => {
        if (!await ask("apply", false)) return;
        toast("Change saved; the run continues.");
        go(href("runs", run.id));
    };
    const fits = problems.length === 0;
    const told = said !== null && said.what === what && said.value === value && said.problems.length === 0 && error === null;
    const patch = group !== null && what === "step" ? mergePatch(before.step, value) : undefined;
    const lostNulls = patch === undefined ? [] : nullsIn(list);
    const tabs = [
        ...(form.step !== null ? [{ id: "step", title: `Input of step ${form.step.key}` }] : []),
        ...(form.event !== null ? [{ id: "event", title: "Event data" }] : []),
    ];
    return (
        <div class="edit-columns">
            <div class="edit-main">
                <Tabs tabs={tabs} active={what} label="What to change"
                    onChange={(t) => { setWhat(t as What); setNotes({}); setError(null); }}>
                    {what === "event" && (
                        <Notice tone="wait" icon="warning"><p>The run starts over from its first step with this event.</p></Notice>
                    )}
                    <Editor key={what} id={`edit-${what}`} schema={schemas[what]} value={value}
                        readOnly={!may("operator")} problems={problems}
                        title={what === "step" ? `Input of step ${form.step!.key}` : "Event data"}
                        onChange={(v) => setValues({ ...values, [what]: v })}
                        onNote={(pointer, message) => setNotes((n) =>
                            (n[pointer] ?? "") === message ? n : { ...n, [pointer]: message })} />
                </Tabs>
            </div>
            <aside class="edit-side" aria-label="What will happen">
                <Card title="Why it stopped">
                    <p><StateBadge state={run.state} /></p>
                    <p>{run.failure?.message}</p>
                    <p class="muted">step <code>{run.failed_step || "–"}</code>, <code>{run.failure?.code}</code></p>
                    <DifferentFailures step={run.steps.find((s) => s.key === run.failed_step)} />
                </Card>
                <Card title="Changes">
                    <ChangeList changes={list} />
                </Card>
                {problems.length > 0 && (
                    <Notice tone="bad" icon="warning">
                        <p>{plural(problems.length, "value is", "values are")} not valid:</p>
                        <ul>{problems.slice(0, 8).map((p) => (
                            <li key={p.pointer + p.message}><code>{p.pointer || "/"}</code> {p.message}</li>))}</ul>
                    </Notice>
                )}
                {error !== null && <ErrorBox error={error} />}
                {told && <Notice tone="ok" icon="check"><p>Valid: the host accepts this change.</p></Notice>}
                <div class="stack edit-actions">
                    <RoleButton look="primary" icon="retry" busy={busy === "apply"}
                        disabled={!fits || list.length === 0} onClick={() => void apply()}>
                        Save and retry this run</RoleButton>
                    <RoleButton icon="check" busy={busy === "dry"} disabled={!fits}
                        onClick={() => void ask("dry", true)}>Validate</RoleButton>
                    {group !== null && what === "step" && group.failed + group.in_doubt > 1 && <>
                        <RoleButton icon="edit" disabled={!fits || list.length === 0 || lostNulls.length > 0}
                            onClick={() => setBulk(true)}>
                            {`Apply this change to all ${group.failed + group.in_doubt} runs`}</RoleButton>
                        <p class="field-hint">
                            Only the fields you changed are changed in the other runs
                            {lostNulls.length > 0 && "; a field set to null cannot be changed in bulk"}.
                        </p>
                    </>}
                    <Button look="quiet" disabled={list.length === 0}
                        onClick={() => setValues({ ...values, [what]: before[what] })}>Undo changes</Button>
                </div>
            </aside>
            {bulk && group && patch !== undefined &&
                <BulkDialog action="edit" scope={scopeOfGroup(group)} patch={patch} onClose={() => setBulk(false)} />}
        </div>
    );
}
