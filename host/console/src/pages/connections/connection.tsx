// SPDX-License-Identifier: Apache-2.0
// One connection: how it is, what limits it, what it listens to, who uses it.
import { useState } from "preact/hooks";

import { api, type Connection, type ConnectionDetails, type Json } from "../../api";
import { useLive, useQuery } from "../../hooks";
import { count, duration } from "../../lib/format";
import { href } from "../../lib/query";
import {
    Answer, Badge, Card, Confirm, Disclosure, ErrorBox, Facts, JsonView, Notice, PageHead, Time, toast,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";
import { ConnectionBadge, lookOf, ProbeIn } from "./look";
import { Triggers } from "./triggers";

type Tested = { ok: true; at: number; report: Json } | { ok: false; at: number; error: unknown };

export function ConnectionPage({ name }: { name: string }) {
    const asked = useQuery(`connection ${name}`, (signal) => api.connections.show(name, signal), 5000);
    const [pushed, setPushed] = useState<Connection | null>(null);
    useLive("connection", (c) => { if (c.name === name) setPushed(c); });
    const [pausing, setPausing] = useState(false);
    const [testing, setTesting] = useState(false);
    const [tested, setTested] = useState<Tested | null>(null);
    const reload = () => {
        setPushed(null);
        asked.reload();
    };
    const test = async () => {
        setTesting(true);
        try {
            const report = await api.connections.test(name);
            setTested({ ok: report.ok !== false, at: Date.now(), report } as Tested);
        } catch (error) {
            setTested({ ok: false, at: Date.now(), error });
        } finally {
            setTesting(false);
            reload();
        }
    };
    const data = asked.data && pushed
        ? { ...asked.data, ...pushed, triggers: asked.data.triggers } as ConnectionDetails : asked.data;
    return (
        <>
            <PageHead title={name} back={{ href: href("connections"), text: "Connections" }}
                lead={data && <>{data.connector} {data.version} <ConnectionBadge of={data} /></>}
                actions={data && <>
                    <RoleButton icon="check" busy={testing} onClick={() => void test()}>Test</RoleButton>
                    <RoleButton icon={data.paused ? "play" : "pause"} onClick={() => setPausing(true)}>
                        {data.paused ? "Resume" : "Pause"}</RoleButton>
                </>} />
            <RoleNotice to="test, pause or fill back" />
            {tested && <TestReport of={tested} />}
            <Answer of={asked} lines={8}>
                {(d) => <Details of={data ?? d} reload={reload} />}
            </Answer>
            {pausing && data && (data.paused
                ? <Confirm title={`Resume ${name}`} action="Resume" onClose={() => setPausing(false)}
                    act={async () => {
                        await api.connections.resume(name);
                        toast("The connection takes calls again.");
                        reload();
                    }}>
                    <p>Held runs go on at once; the connection's limits decide how fast they get through.</p>
                </Confirm>
                : <Confirm title={`Pause ${name}`} action="Pause" reason="needed" onClose={() => setPausing(false)}
                    act={async (reason) => {
                        await api.connections.pause(name, reason);
                        toast("The connection is paused.");
                        reload();
                    }}>
                    <p>
                        Its polls stop and steps that call it are held, without costing attempts. Webhooks are
                        still accepted. A pause outlives restarts.
                    </p>
                </Confirm>)}
        </>
    );
}

function TestReport({ of: t }: { of: Tested }) {
    if (!t.ok && "error" in t) return <ErrorBox error={t.error} />;
    return (
        <Card title={<>Test <Time at={t.at} /></>}>
            <div class="stack">
                <Notice tone={t.ok ? "ok" : "bad"} icon={t.ok ? "check" : "cross"}>
                    <p>{t.ok ? "The system answers." : "The test found something."}</p>
                </Notice>
                {"report" in t && <JsonView value={t.report} label="test report" />}
            </div>
        </Card>
    );
}

function Details({ of: c, reload }: { of: ConnectionDetails; reload: () => void }) {
    const look = lookOf(c);
    const error = c.last_error;
    return (
        <div class="two-columns">
            <div class="stack">
                <Card title="Now" class={`connection tone-${look.tone}`}>
                    <div class="stack">
                        <p>{look.says}{c.paused && <>, since <Time at={c.paused.since} /></>}</p>
                        <Facts columns={2} of={[
                            ["Breaker", <span class="breaker">
                                <Badge tone={c.breaker === "closed" ? "ok" : c.breaker === "open" ? "bad" : "doubt"}>
                                    {c.breaker.replace(/_/g, " ")}</Badge>
                                {c.breaker === "open" && <ProbeIn ms={c.probe_in_ms} />}</span>],
                            ["Failures in a row", count(c.failures_in_a_row)],
                            ["Calls under way", count(c.open_calls)],
                            ["Requests in flight", count(c.requests_in_flight)],
                            ["Requests waiting", count(c.requests_queued)],
                            ["Asked to wait", c.waits_ms > 0 ? duration(c.waits_ms) : "no"],
                        ]} />
                    </div>
                </Card>
                <Triggers connection={c.name} triggers={c.triggers} reload={reload} />
                {error && (
                    <Card title="Last error">
                        {typeof error === "string" ? <p>{error}</p> : <div class="stack">
                            <p>{error.message}</p>
                            <p class="muted"><code>{error.code}</code> {error.at ? <Time at={error.at} /> : null}</p>
                        </div>}
                    </Card>
                )}
            </div>
            <div class="stack">
                <Card title="Limits"><Limits of={c.limits} /></Card>
                <Card title="Used by">
                    {c.used_by.length === 0 ? <p class="muted">No flow uses it.</p>
                        : <ul class="chips">{c.used_by.map((f) => (
                            <li key={f}><a class="chip" href={href("runs", { flow: f })}>{f}</a></li>))}</ul>}
                </Card>
                <Card title={`Operations (${c.operations.length})`}>
                    <Disclosure open={c.operations.length <= 20} summary="Show them">
                        <ul class="chips">{c.operations.map((o) => <li key={o}><code>{o}</code></li>)}</ul>
                    </Disclosure>
                    <p class="card-more"><a href={href("plugins", c.connector)}>What they take and give</a></p>
                </Card>
                <Card title="Settings">
                    <JsonView value={c.settings} label="settings" />
                    <p class="card-more">
                        <a href={href("settings", { q: `connections.${c.name}` })}>With file and line</a></p>
                </Card>
            </div>
        </div>
    );
}

const limitNames: Record<string, string> = {
    requests_per_second: "Requests a second", burst: "Burst", max_concurrent: "In flight at most",
    timeout: "Time for a request", call_timeout: "Time for a call",
    verify_tls: "Verify TLS",
};

function Limits({ of }: { of: { [name: string]: Json } }) {
    const shown = (name: string, v: Json) => {
        if (v === null || (v === 0 && name === "requests_per_second")) return "not limited";
        if (typeof v === "boolean") return v ? "yes" : "no";
        if (typeof v === "number" && /_ms$/.test(name)) return duration(v);
        return typeof v === "object" ? JSON.stringify(v) : String(v);
    };
    return <Facts of={Object.entries(of).map(([name, v]) => [
        limitNames[name.replace(/_ms$/, "")] ?? name.replace(/_/g, " "), shown(name, v)])} />;
}
