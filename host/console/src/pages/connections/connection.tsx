// SPDX-License-Identifier: Apache-2.0
// One connection: how it is, what limits it, what it listens to, who uses it.
import { useState } from "preact/hooks";

import { api, type Connection, type ConnectionDetails, type Json } from "../../api";
import { useLive, useQuery } from "../../hooks";
import { count, duration, plural } from "../../lib/format";
import { href } from "../../lib/query";
import { backTo } from "../../state";
import {
    Answer, Badge, Card, Confirm, Disclosure, ErrorBox, Facts, JsonView, Notice, PageHead, Time, toast,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";
import { ConnectionBadge, lookOf, ProbeIn, RateLimited } from "./look";
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
            <PageHead title={name} back={{ href: backTo("connections"), text: "Connections" }}
                lead={data && <>{data.connector} {data.version} <ConnectionBadge of={data} /></>}
                actions={data && <>
                    <RoleButton icon="check" busy={testing} onClick={() => void test()}>Test</RoleButton>
                    <RoleButton icon={data.paused ? "play" : "pause"} onClick={() => setPausing(true)}>
                        {data.paused ? "Resume" : "Pause"}</RoleButton>
                </>} />
            <RoleNotice to="test it, pause it or run a backfill" />
            {tested && <TestReport of={tested} />}
            <Answer of={asked} lines={8}>
                {(d) => <Details of={data ?? d} reload={reload} />}
            </Answer>
            {pausing && data && (data.paused
                ? <Confirm title={`Resume ${name}`} action="Resume" onClose={() => setPausing(false)}
                    act={async () => {
                        await api.connections.resume(name);
                        toast("Connection resumed.");
                        reload();
                    }}>
                    <p>Held runs continue at once, as fast as the connection's limits allow.</p>
                </Confirm>
                : <Confirm title={`Pause ${name}`} action="Pause" reason="needed" onClose={() => setPausing(false)}
                    act={async (reason) => {
                        await api.connections.pause(name, reason);
                        toast("Connection paused.");
                        reload();
                    }}>
                    <p>
                        Polling stops, and steps that call it are held without using up attempts. Webhooks are
                        still accepted. The pause survives restarts.
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
                    <p>{t.ok ? "Test passed: the system responds." : "Test failed."}</p>
                </Notice>
                {"report" in t && <JsonView value={t.report} label="test report" />}
            </div>
        </Card>
    );
}

function Details({ of: c, reload }: { of: ConnectionDetails; reload: () => void }) {
    const look = lookOf(c);
    const error = c.last_error;
    const most = Number(c.limits.max_concurrent ?? 0);
    return (
        <div class="two-columns">
            <div class="stack">
                <Card title="Health" class={`connection tone-${look.tone}`}>
                    <div class="stack">
                        <p class="connection-says">{c.paused ? <>Paused <Time at={c.paused.since} />: {c.paused.reason}</> : look.says}</p>
                        <Facts columns={2} of={[
                            ["Circuit breaker", <span class="breaker">
                                <Badge tone={c.breaker === "closed" ? "ok" : c.breaker === "open" ? "bad" : "doubt"}>
                                    {c.breaker.replace(/_/g, "-")}</Badge>
                                {c.breaker === "open" && <ProbeIn ms={c.probe_in_ms} />}</span>],
                            ["Consecutive failures", count(c.failures_in_a_row)],
                            ["Calls in flight", count(c.open_calls)],
                            ["Requests in flight", most > 0 ? <Use of={c.requests_in_flight} most={most} /> : count(c.requests_in_flight)],
                            ["Requests queued", count(c.requests_queued)],
                            ["Rate limited", c.waits_ms > 0 ? <RateLimited ms={c.waits_ms} /> : "No"],
                        ]} />
                    </div>
                </Card>
                <Triggers connection={c.name} triggers={c.triggers} reload={reload} />
                {error && (
                    <Card title="Last error">
                        {typeof error === "string" ? <p>{error}</p> : <div class="stack">
                            <p>{error.message}</p>
                            <p class="muted small-text"><code>{error.code}</code>
                                {error.http_status ? ` HTTP ${error.http_status}` : ""} {error.at ? <Time at={error.at} /> : null}</p>
                            <p class="small-text"><a href={href("runs", { state: "failed,in_doubt,waiting" })}>Runs that failed or wait</a></p>
                        </div>}
                    </Card>
                )}
            </div>
            <div class="stack">
                <Card title="Limits"><Limits of={c.limits} /></Card>
                <Card title="Used by">
                    {c.used_by.length === 0 ? <p class="muted">No flow uses this connection.</p>
                        : <ul class="chips">{c.used_by.map((f) => (
                            <li key={f}><a class="chip" href={href("runs", { flow: f })}>{f}</a></li>))}</ul>}
                </Card>
                <Card title={`Operations (${c.operations.length})`}>
                    <Disclosure open={c.operations.length <= 20} summary="Show all">
                        <ul class="chips">{c.operations.map((o) => <li key={o}><code>{o}</code></li>)}</ul>
                    </Disclosure>
                    <p class="card-more"><a href={href("plugins", c.connector)}>Inputs and outputs</a></p>
                </Card>
                <Card title="Settings">
                    <JsonView value={c.settings} label="settings" open={1} />
                    <p class="card-more">
                        <a href={href("settings", { q: `connections.${c.name}` })}>View in settings, with file and line</a></p>
                </Card>
            </div>
        </div>
    );
}

function Use({ of, most }: { of: number; most: number }) {
    return (
        <span class="use">
            <span class="tabular">{count(of)} of {count(most)}</span>
            <meter class={of >= most ? "full" : ""} min={0} max={most} value={of} aria-label={`${of} of ${most} requests in flight`} />
        </span>
    );
}

const limitNames: Record<string, string> = {
    requests_per_second: "Rate limit", burst: "Burst", max_concurrent: "Max. concurrent requests",
    timeout: "Request timeout", call_timeout: "Call timeout",
    verify_tls: "Verify TLS certificate",
};

function Limits({ of }: { of: { [name: string]: Json } }) {
    const shown = (name: string, v: Json) => {
        if (v === null || (v === 0 && name === "requests_per_second")) return "No limit";
        if (typeof v === "boolean") return v ? "Yes" : "No";
        if (typeof v === "number" && /_ms$/.test(name)) return duration(v);
        if (name === "requests_per_second") return `${String(v)} requests/s`;
        if (name === "burst" && typeof v === "number") return plural(v, "request");
        if (typeof v === "string" && /^\d+(ms|s|m|h|d)$/.test(v)) return v.replace(/^(\d+)(\w+)$/, "$1 $2").replace(/ m$/, " min");
        return typeof v === "object" ? JSON.stringify(v) : String(v);
    };
    const order = Object.keys(limitNames);
    const all = { ...("requests_per_second" in of ? {} : { requests_per_second: null as Json }), ...of };
    const at = (name: string) => (order.indexOf(name.replace(/_ms$/, "")) + order.length) % order.length;
    return <Facts of={Object.entries(all).sort(([a], [b]) => at(a) - at(b)).map(([name, v]) => [
        limitNames[name.replace(/_ms$/, "")] ?? name.replace(/_/g, " "), shown(name, v)])} />;
}
