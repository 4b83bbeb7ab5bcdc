// SPDX-License-Identifier: Apache-2.0
// Everything a plugin says of itself: generated documentation of operations, triggers, settings, roles.
import { useMemo, useState } from "preact/hooks";

import {
    ApiError, api, type ConnectorManifest, type FlowManifest, type OperationManifest, type PluginDetails,
    type TriggerManifest,
} from "../../api";
import { SchemaDoc } from "../../form/schema-doc";
import { useFilters, useQuery } from "../../hooks";
import { plural } from "../../lib/format";
import { href } from "../../lib/query";
import { backTo } from "../../state";
import {
    Answer, Badge, Card, CopyButton, Disclosure, Empty, Facts, FilterBar, JsonView, Notice, PageHead, SearchFilter,
    Tabs, type Tone,
} from "../../ui";
import { fileName, PluginBadge } from "./list";

const effects: Record<string, { tone: Tone; says: string }> = {
    read: { tone: "calm", says: "reads only" },
    idempotent: { tone: "ok", says: "safe to repeat: the system recognises a repetition" },
    lookup_first: { tone: "run", says: "checked by a look-up before it is repeated" },
    unsafe: { tone: "doubt", says: "never repeated automatically: when its outcome is unknown, the run is in doubt" },
};

export function EffectBadge({ of }: { of: string }) {
    const look = effects[of] ?? { tone: "calm" as const, says: "" };
    return <Badge tone={look.tone} title={look.says}>{of.replace(/_/g, " ")}</Badge>;
}

// Links name the connector or flow; the plugin that offers it may have another id.
async function find(id: string, signal: AbortSignal): Promise<PluginDetails> {
    try {
        return await api.plugins.show(id, signal);
    } catch (e) {
        if (!(e instanceof ApiError) || e.status !== 404) throw e;
        const offering = (await api.plugins.list(signal)).rows.find((p) =>
            [...p.connectors, ...p.flows].some((o) => o.id === id));
        if (!offering) throw e;
        return api.plugins.show(offering.id, signal);
    }
}

export function PluginPage({ id }: { id: string }) {
    const asked = useQuery(`plugin ${id}`, (signal) => find(id, signal));
    const p = asked.data;
    return (
        <>
            <PageHead title={p?.title || id} back={{ href: backTo("plugins"), text: "Plugins" }}
                lead={p && <><code>{p.id}</code> {p.version} <PluginBadge of={p} /></>} />
            <Answer of={asked} lines={8}>{(d) => <Details of={d} />}</Answer>
        </>
    );
}

function Details({ of: p }: { of: PluginDetails }) {
    const connectors = p.connectors ?? [];
    const flows = p.flows ?? [];
    return (
        <>
            {p.refusal && <Notice tone="bad" icon="cross"><p>Refused: {p.refusal}</p></Notice>}
            <Card>
                <Facts columns={2} of={[
                    ["Vendor", p.vendor], ["ABI", p.abi], ["File", <code title={p.file}>{fileName(p.file)}</code>],
                    ["Folder", <code>{p.file.slice(0, p.file.lastIndexOf("/"))}</code>],
                    ["SHA-256", p.sha256 && <span class="hash"><code>{p.sha256}</code> <CopyButton text={p.sha256} label="Copy SHA-256" /></span>],
                    ["SDK", typeof p.sdk === "string" ? p.sdk : ""],
                ]} />
            </Card>
            {connectors.map((c) => <Connector key={c.id} of={c} />)}
            {flows.map((f) => <Flow key={f.id} of={f} />)}
        </>
    );
}

function Connector({ of: c }: { of: ConnectorManifest }) {
    const [tab, setTab] = useState("operations");
    return (
        <section aria-label={`Connector ${c.id}`}>
            {c.doc && <p class="plugin-doc">{c.doc}</p>}
            <Tabs label="What it offers" active={tab} onChange={setTab} tabs={[
                { id: "operations", title: "Operations", count: c.operations.length },
                { id: "triggers", title: "Triggers", count: c.triggers.length },
                { id: "settings", title: "Settings" },
            ]}>
                {tab === "operations" && <Operations of={c.operations} />}
                {tab === "triggers" && (c.triggers.length === 0 ? <Empty title="No triggers" />
                    : <div class="stack">{c.triggers.map((t) => <Trigger key={t.id} of={t} />)}</div>)}
                {tab === "settings" && <SettingsDoc schema={c.config_schema} of={`[connections.NAME] with connector = "${c.id}"`} />}
            </Tabs>
        </section>
    );
}

function Operations({ of }: { of: OperationManifest[] }) {
    const { values, set, clear, active } = useFilters(["q"] as const);
    const shown = useMemo(() => of.filter((o) =>
        `${o.id} ${o.title} ${o.effect_class}`.toLowerCase().includes(values.q.toLowerCase())), [of, values.q]);
    return (
        <div class="stack">
            <FilterBar active={active} onClear={clear} summary={plural(shown.length, "operation")}>
                <SearchFilter value={values.q} placeholder="Operation" onChange={(q) => set({ q })} />
            </FilterBar>
            {shown.length === 0 && <Empty icon="search" title="No operation matches" />}
            <ul class="operations">
                {shown.map((o) => (
                    <li key={o.id}>
                        <details class="operation">
                            <summary>
                                <code>{o.id}</code>
                                <span class="operation-title">{o.title}</span>
                                <EffectBadge of={o.effect_class} />
                            </summary>
                            <div class="operation-body">
                                {o.doc && <p>{o.doc}</p>}
                                <p class="muted">
                                    {effects[o.effect_class]?.says}
                                    {o.lookup_operation && <> by <code>{o.lookup_operation}</code></>}
                                </p>
                                <h3>Input</h3>
                                <SchemaDoc schema={o.input_schema ?? {}} label={`Input of ${o.id}`} />
                                <h3>Output</h3>
                                <SchemaDoc schema={o.output_schema ?? {}} label={`Output of ${o.id}`} />
                                <Disclosure summary="As JSON Schema">
                                    <JsonView value={{ input: o.input_schema ?? {}, output: o.output_schema ?? {} }}
                                        label={`schemas of ${o.id}`} open={2} />
                                </Disclosure>
                            </div>
                        </details>
                    </li>
                ))}
            </ul>
        </div>
    );
}

function Trigger({ of: t }: { of: TriggerManifest }) {
    return (
        <Card title={<><code>{t.id}</code> {t.title}</>}
            actions={<span class="badges">{(t.kinds ?? []).map((k) => <Badge key={k}>{k}</Badge>)}</span>}>
            <div class="stack">
                {t.doc && <p>{t.doc}</p>}
                {(t.default_poll_interval_s ?? 0) > 0 && <p class="muted">Polls every {t.default_poll_interval_s} s by default.</p>}
                {(t.events ?? []).map((e) => (
                    <Disclosure key={e.type} summary={<><code>{e.type}</code> {e.title}</>}>
                        {e.doc && <p>{e.doc}</p>}
                        <SchemaDoc schema={e.data_schema ?? {}} label={`Data of ${e.type}`} />
                    </Disclosure>
                ))}
            </div>
        </Card>
    );
}

function SettingsDoc({ schema, of }: { schema: ConnectorManifest["config_schema"]; of: string }) {
    return (
        <Card title={<>Settings of <code>{of}</code></>}>
            <SchemaDoc schema={schema ?? {}} label="Settings" />
        </Card>
    );
}

function Flow({ of: f }: { of: FlowManifest }) {
    return (
        <section class="stack" aria-label={`Flow ${f.id}`}>
            {f.doc && <p class="plugin-doc">{f.doc}</p>}
            <Card title="Roles">
                <div class="stack">
                    {(f.roles ?? []).map((r) => (
                        <section key={r.name} aria-label={`Role ${r.name}`}>
                            <h3><code>{r.name}</code></h3>
                            {r.doc && <p>{r.doc}</p>}
                            <p class="muted">a connection of {r.connectors.map((c, i) => (
                                <span key={c}>{i > 0 && " or "}<a href={href("plugins", c)}>{c}</a></span>))}</p>
                            <ul class="chips">{r.operations.map((o) => <li key={o}><code>{o}</code></li>)}</ul>
                        </section>
                    ))}
                </div>
            </Card>
            {(f.subscriptions ?? []).length > 0 && (
                <Card title="Started by events">
                    <ul class="chips">{f.subscriptions!.map((s) => (
                        <li key={s.role + s.event_type}><code>{s.event_type}</code> <span class="muted">of {s.role}</span></li>))}</ul>
                </Card>
            )}
            <SettingsDoc schema={f.config_schema} of="[flows.NAME.settings]" />
        </section>
    );
}
