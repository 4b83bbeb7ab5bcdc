// SPDX-License-Identifier: Apache-2.0
// The configuration as it was read: each value with its file and line; reload; who may sign in.
import "./settings.css";
import { useState } from "preact/hooks";

import { ApiError, api, type ReloadDone, type Setting, type SettingsSection } from "../api";
import { useFilters, useQuery } from "../hooks";
import { plural } from "../lib/format";
import type { ProblemPlace } from "../lib/problem";
import { href } from "../lib/query";
import {
    Answer, Badge, Card, Checkbox, Empty, ErrorBox, FilterBar, Notice, PageHead, SearchFilter, Tabs,
} from "../ui";
import { RoleButton, RoleNotice } from "../ui/allowed";
import { go } from "../state";
import { Tokens } from "./settings/tokens";

import type { PageProps } from "./index";

export default function SettingsPage({ path }: PageProps) {
    const tab = path[0] === "tokens" ? "tokens" : "settings";
    return (
        <>
            <PageHead title="Settings" lead="The configuration in effect. Change it in its files, then reload: a valid configuration is applied completely, an invalid one not at all." />
            <Tabs label="Settings" active={tab} onChange={(t) => go(t === "tokens" ? href("settings", "tokens") : href("settings"))}
                tabs={[{ id: "settings", title: "Configuration" }, { id: "tokens", title: "Tokens" }]}>
                {tab === "tokens" ? <Tokens /> : <Configuration />}
            </Tabs>
        </>
    );
}

const base = (file: string) => file.slice(file.lastIndexOf("/") + 1);

function Where({ file, line }: { file?: string; line?: number }) {
    if (!file) return <Badge title="Not set in any file">default</Badge>;
    return <code class="where" title={file}>{base(file)}{line ? `:${line}` : ""}</code>;
}

function Value({ of: s }: { of: Setting }) {
    if (s.reference) {
        const [kind, name] = Object.entries(s.reference)[0] ?? ["", ""];
        return <span><Badge icon="lock">secret</Badge> from {kind === "env" ? "environment variable" : kind} <code>{name}</code></span>;
    }
    if (s.secret) return <Badge icon="lock">secret, not shown</Badge>;
    if (s.value === null || s.value === undefined) return <span class="faint">not set</span>;
    return <code class="value">{typeof s.value === "string" ? s.value : JSON.stringify(s.value)}</code>;
}

function Section({ of: s, shown }: { of: SettingsSection; shown: Setting[] }) {
    return (
        <Card title={<><code>[{s.path}]</code> {s.title !== s.path && <span class="muted">{s.title}</span>}</>}
            actions={s.file ? <Where file={s.file} line={s.line} /> : undefined}>
            <dl class="settings">
                {shown.map((v) => (
                    <div key={v.path} class={v.default ? "is-default" : ""}>
                        <dt>
                            <code>{v.path.startsWith(`${s.path}.`) ? v.path.slice(s.path.length + 1) : v.path}</code>
                            {(v.title || v.description) && <span class="muted small-text">{v.title || v.description}</span>}
                        </dt>
                        <dd><Value of={v} /></dd>
                        <dd class="where-cell">{v.default ? <Badge>default</Badge> : <Where file={v.file} line={v.line} />}</dd>
                    </div>
                ))}
            </dl>
        </Card>
    );
}

function Configuration() {
    const { values, set, clear, active } = useFilters(["q", "defaults"] as const);
    const asked = useQuery("settings", (signal) => api.settings(signal));
    const q = values.q.toLowerCase();
    const fits = (s: SettingsSection, v: Setting) => (values.defaults === "true" || !v.default) &&
        `${v.path} ${v.title} ${v.description} ${v.secret ? "" : JSON.stringify(v.value)} ${s.path}`.toLowerCase().includes(q);
    return (
        <div class="stack">
            <Reload reload={asked.reload} />
            <FilterBar active={active} onClear={clear}>
                <SearchFilter value={values.q} placeholder="Setting or value" onChange={(v) => set({ q: v })} />
                <Checkbox label="Show defaults" checked={values.defaults === "true"} onChange={(on) => set({ defaults: on ? "true" : "" })} />
            </FilterBar>
            <Answer of={asked} lines={8}>
                {(d) => {
                    const sections = d.sections.map((s) => ({ s, shown: s.settings.filter((v) => fits(s, v)) }))
                        .filter((x) => x.shown.length > 0);
                    return <>
                        <p class="muted break">
                            Revision <code>{d.revision}</code>, read from {d.files.map((f, i) => (
                                <span key={f}>{i > 0 && ", "}<code>{f}</code></span>))}
                        </p>
                        {sections.length === 0 ? <Empty icon="search" title="No setting matches" />
                            : sections.map((x) => <Section key={x.s.path} of={x.s} shown={x.shown} />)}
                    </>;
                }}
            </Answer>
        </div>
    );
}

const listOf = (name: string, d: { added: string[]; changed: string[]; removed: string[] } | undefined) =>
    (["added", "changed", "removed"] as const).flatMap((how) => (d?.[how] ?? []).map((n) => `${name} ${n} ${how}`));

function Reload({ reload }: { reload: () => void }) {
    const [busy, setBusy] = useState(false);
    const [done, setDone] = useState<ReloadDone | null>(null);
    const [error, setError] = useState<unknown>(null);
    const act = async () => {
        setBusy(true);
        setDone(null);
        setError(null);
        try {
            setDone(await api.reload());
            reload();
        } catch (e) {
            setError(e);
        } finally {
            setBusy(false);
        }
    };
    const changed = done ? [...listOf("connection", done.changed?.connections), ...listOf("flow", done.changed?.flows)] : [];
    return (
        <Card class="reload">
            <div class="verification-row">
                <p>Runs in progress finish with the configuration they started with.</p>
                <RoleButton role="admin" look="primary" icon="retry" busy={busy} onClick={() => void act()}>Reload configuration</RoleButton>
            </div>
            <RoleNotice role="admin" to="reload it" />
            <div aria-live="polite">
                {done && (
                    <Notice tone="ok" icon="check">
                        <p>Revision {done.revision} is in effect.{changed.length === 0 && " Nothing changed."}</p>
                        {changed.length > 0 && <ul>{changed.map((c) => <li key={c}>{c}</li>)}</ul>}
                        {done.restart_needed?.length > 0 && <p>Takes effect after a restart: {done.restart_needed.map((k, i) => (
                            <span key={k}>{i > 0 && ", "}<code>{k}</code></span>))}</p>}
                    </Notice>
                )}
                {done && (done.warnings?.length > 0 || done.stranded?.length > 0) && (
                    <Notice tone="doubt" icon="warning">
                        {done.stranded?.map((s) => (
                            <p key={s.flow}>
                                <b>{plural(s.waiting + s.under_way, "unfinished run")} of {s.flow} {s.waiting + s.under_way === 1 ? "has" : "have"} no flow any more</b>
                                {" "}and will become dead letters when they want to go on, unless <code>[flows.{s.flow}]</code> is put back and reloaded.{" "}
                                <a href={href("runs", { flow: s.flow, state: "ready,active,waiting" })}>See them</a>
                            </p>
                        ))}
                        <Places of={done.warnings ?? []} />
                    </Notice>
                )}
            </div>
            {error !== null && <Refused error={error} />}
        </Card>
    );
}

// file:line:column, what is wrong, how to mend it.
function Places({ of }: { of: ProblemPlace[] }) {
    if (of.length === 0) return null;
    return (
        <ul class="problems">
            {of.map((p, i) => (
                <li key={i}>
                    {typeof p.file === "string" && p.file !== "" && <code>{[p.file, p.line, p.column].filter((x) => x).join(":")}</code>}
                    <p>{p.message}</p>
                    {p.hint && <p class="muted">{p.hint}</p>}
                </li>
            ))}
        </ul>
    );
}

// The former configuration stays.
function Refused({ error }: { error: unknown }) {
    const places = error instanceof ApiError ? error.problems : [];
    if (places.length === 0) return <ErrorBox error={error} />;
    return (
        <Notice tone="bad" icon="cross">
            <div role="alert">
                <p><b>Not applied: {plural(places.length, "problem")}.</b> The previous configuration stays in effect.</p>
                <Places of={places} />
            </div>
        </Notice>
    );
}
