// SPDX-License-Identifier: Apache-2.0
// What the host does now: its health with reasons, figures, the graph, the last minutes, failures.
import { useSignal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";

import { api, type Counts, type Overview as OverviewAnswer, type Reason, type Run, type Traffic } from "../api";
import { useLive, useQuery } from "../hooks";
import { bytes, compact } from "../lib/format";
import { href } from "../lib/query";
import { movedTo, perMinute, withTick } from "../lib/traffic";
import { GraphLegend, SystemGraph } from "../overview/graph";
import { counts, health } from "../state";
import { Answer, Card, Empty, Facts, Icon, type IconName, Loading, PageHead, StateBadge, Time, type Tone } from "../ui";
import "./overview.css";

const TrafficChart = lazy(() => import("../overview/chart"));

function reasonLink(r: Reason): string {
    const named = /connection "?([\w.-]+)"?/.exec(r.message)?.[1];
    if (r.code.includes("connection") && named) return href("connections", named.replace(/[:.]+$/, ""));
    if (r.code.includes("dead")) return href("dead-letters");
    if (r.code.includes("ledger")) return href("ledger");
    return href("settings");
}

function Reasons({ of, tone, icon }: { of: Reason[]; tone: Tone; icon: IconName }) {
    return (
        <>
            {of.map((r) => (
                <a key={r.code + r.message} class={`notice-row tone-${tone}`} href={reasonLink(r)}>
                    <span class="notice-mark"><Icon name={icon} size={13} /></span>
                    <span class="notice-says">{r.message}</span>
                    <Time at={r.since} />
                    <Icon name="right" />
                </a>
            ))}
        </>
    );
}

function Tile({ name, icon, tone = "calm", value, more, to, alert }: {
    name: string; icon: IconName; tone?: Tone; value: number; more?: string; to: string; alert?: boolean;
}) {
    return (
        <a class={`tile tone-${tone}${alert ? " alert" : ""}`} href={to}>
            <span class="tile-name"><Icon name={icon} />{name}</span>
            <span class="tile-value">{compact(value)}</span>
            <span class="tile-more">{more ?? " "}</span>
        </a>
    );
}

function Tiles({ c, traffic }: { c: Counts; traffic: Traffic }) {
    const n = (s: keyof Counts["runs"]) => c.runs[s] ?? 0;
    const rate = perMinute(movedTo(traffic, Date.now()), "events");
    const dead = n("failed") + n("in_doubt");
    return (
        <div class="tiles">
            <Tile name="Need a person" icon="letters" tone={dead > 0 ? "bad" : "ok"} value={dead} alert={dead > 0} to={href("dead-letters")}
                more={dead === 0 ? "nothing to mend" : `${n("failed")} failed, ${n("in_doubt")} in doubt`} />
            <Tile name="At work" icon="play" tone="run" value={n("active")} more={`${compact(n("ready"))} ready`} to={href("runs", { state: "ready,active" })} />
            <Tile name="Waiting" icon="clock" tone="wait" value={n("waiting")} more={c.held > 0 ? `${compact(c.held)} held by connections` : "timers, events, retries"} to={href("runs", { state: "waiting" })} />
            <Tile name="Succeeded" icon="check" tone="ok" value={n("succeeded")} more={n("cancelled") + n("discarded") > 0 ? `${compact(n("cancelled") + n("discarded"))} called off` : undefined} to={href("runs", { state: "succeeded" })} />
            <Tile name="Events" icon="events" value={c.events} more={`${compact(Math.round(rate))} a minute`} to={href("events")} />
            <Tile name="Ledger entries" icon="ledger" value={c.ledger_entries} more="what was written" to={href("ledger")} />
        </div>
    );
}

function Failures() {
    const failed = useQuery("overview-failures", (signal) => api.runs.list({ state: "failed,in_doubt", limit: 6 }, signal));
    const timer = useRef<ReturnType<typeof setTimeout>>();
    useLive("run", (r) => {
        const shown = failed.data?.rows.some((x) => x.id === r.id);
        if (r.state !== "failed" && r.state !== "in_doubt" && !shown) return;
        clearTimeout(timer.current);
        timer.current = setTimeout(failed.reload, 400); // one answer for a burst
    });
    useEffect(() => () => clearTimeout(timer.current), []);
    return (
        <Card title="Last failures" flush actions={<a href={href("dead-letters")}>All by cause</a>}>
            <Answer of={failed} lines={6}>
                {({ rows }) => (rows.length === 0
                    ? <Empty icon="check" title="No run has failed">Runs that cannot go on by themselves appear here.</Empty>
                    : <div class="failures">{rows.map((r: Run) => (
                        <a key={r.id} class="failure" href={href("runs", r.id)}>
                            <span class="failure-top"><StateBadge state={r.state} /><strong>{r.flow}</strong><Time at={r.updated_at} /></span>
                            <span class="failure-why">{r.failure?.message ?? r.event_subject}</span>
                        </a>
                    ))}</div>)}
            </Answer>
        </Card>
    );
}

function HostCard({ o }: { o: OverviewAnswer }) {
    return (
        <Card title="This host" class="host-card">
            <Facts columns={3} of={[
                ["Version", `${o.host.version} (plugins: ABI ${o.host.abi})`],
                ["Running since", <Time at={o.host.started_at} />],
                ["Configuration", <a href={href("settings")}><span class="break">{o.host.config_file}</span></a>],
                ["Revision", <code title={o.host.config_revision}>{o.host.config_revision.slice(0, 12)}</code>],
                ["Loaded", <Time at={o.host.config_loaded_at} />],
                ["Memory", bytes(o.memory.rss_bytes)],
                ["Journal", bytes(o.journal.file_bytes)],
                ["Host", <code>{o.host.host_id}</code>],
            ]} />
        </Card>
    );
}

export default function Overview() {
    const answer = useQuery("overview", (signal) => api.overview(signal), 60_000);
    const topology = useQuery("topology", (signal) => api.topology(signal), 10_000);
    const traffic = useSignal<Traffic | null>(null);
    useEffect(() => {
        if (!answer.data) return;
        traffic.value = answer.data.traffic;
        counts.value = answer.data.counts;
        health.value = answer.data.health ?? null;
    }, [answer.data]);
    useLive("traffic", (tick) => { if (traffic.value) traffic.value = withTick(traffic.value, tick); });
    useLive("connection", () => topology.reload());
    useEffect(() => {
        const timer = setInterval(() => { if (traffic.value && !document.hidden) traffic.value = movedTo(traffic.value, Date.now()); }, 5_000);
        return () => clearInterval(timer);
    }, []);
    const h = health.value ?? answer.data?.health;
    const t = traffic.value ?? answer.data?.traffic;
    const c = counts.value ?? answer.data?.counts;
    return (
        <>
            <PageHead title="Overview" lead={h ? (h.ready ? "The host takes work." : "The host takes no work now.") : undefined} />
            {h && (h.reasons.length > 0 || (h.informs?.length ?? 0) > 0) && (
                <div class="notices" aria-label="What to know" role="region">
                    <Reasons of={h.reasons} tone="bad" icon="warning" />
                    <Reasons of={h.informs ?? []} tone="doubt" icon="info" />
                </div>
            )}
            <Answer of={answer} lines={3}>{() => (c && t ? <Tiles c={c} traffic={t} /> : null)}</Answer>
            <Card title="Systems and flows" actions={<GraphLegend />}>
                <Answer of={topology} lines={8}>
                    {(data) => (data.nodes.length === 0
                        ? <Empty icon="connections" title="Nothing is configured yet">Connections and flows of the configuration appear here. <a href={href("settings")}>Settings</a></Empty>
                        : <SystemGraph topology={data} />)}
                </Answer>
            </Card>
            <div class="overview-pair">
                <Card title="The last ten minutes" class="chart-card">
                    {t ? <Suspense fallback={<Loading lines={5} />}><TrafficChart traffic={t} /></Suspense> : <Loading lines={5} />}
                </Card>
                <Failures />
            </div>
            {answer.data && <HostCard o={answer.data} />}
        </>
    );
}
