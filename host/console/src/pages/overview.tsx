// SPDX-License-Identifier: Apache-2.0
// What the host does now: its health with reasons, figures, the graph, the last minutes, failures.
import { useSignal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";

import { api, type Counts, type Health, type Overview as OverviewAnswer, type Reason, type Run, type Traffic } from "../api";
import { useLive, useQuery } from "../hooks";
import { bytes, compact, plural } from "../lib/format";
import { href } from "../lib/query";
import { movedTo, perMinute, withTick } from "../lib/traffic";
import { GraphCard } from "../overview/card";
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

function Reasons({ of, tone, icon, dead }: { of: Reason[]; tone: Tone; icon: IconName; dead: number }) {
    return (
        <>
            {of.map((r) => (
                <a key={r.code + r.message} class={`notice-row tone-${tone}`} href={reasonLink(r)}>
                    <span class="notice-mark"><Icon name={icon} size={13} /></span>
                    <span class="notice-says">{r.code === "dead-letters" && dead > 0
                        ? `${plural(dead, "dead letter")} ${dead === 1 ? "needs" : "need"} a decision` : r.message}</span>
                    <span class="notice-since">since <Time at={r.since} /></span>
                    <Icon name="right" />
                </a>
            ))}
        </>
    );
}

// Is all well, and if not, what is it about?
function Verdict({ of: h }: { of: Health }) {
    const n = h.informs?.length ?? 0;
    const [tone, icon, says]: [Tone, IconName, string] = !h.ready
        ? ["bad", "cross", h.state === "starting" ? "Starting: no work is accepted yet" : h.state === "draining" ? "Draining: no new work is accepted" : "Not ready: no new work is accepted"]
        : n > 0 ? ["doubt", "warning", `Accepting work; ${plural(n, "thing needs", "things need")} attention`]
            : ["ok", "check", "All systems healthy"];
    return <span class={`verdict tone-${tone}`}><Icon name={icon} />{says}</span>;
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
            <Tile name="Need attention" icon="letters" tone={dead > 0 ? "bad" : "ok"} value={dead} alert={dead > 0} to={href("dead-letters")}
                more={dead === 0 ? "no dead letters" : `${n("failed")} failed, ${n("in_doubt")} in doubt`} />
            <Tile name="Active" icon="play" tone="run" value={n("active")} more={`${compact(n("ready"))} ready`} to={href("runs", { state: "ready,active" })} />
            <Tile name="Waiting" icon="clock" tone="wait" value={n("waiting")} more={c.held > 0 ? `${compact(c.held)} held by connections` : "timers, events, retries"} to={href("runs", { state: "waiting" })} />
            <Tile name="Succeeded" icon="check" tone="ok" value={n("succeeded")} more={n("cancelled") > 0 ? `${compact(n("cancelled"))} cancelled` : undefined} to={href("runs", { state: "succeeded" })} />
            <Tile name="Events" icon="events" value={c.events} more={`${compact(Math.round(rate))}/min`} to={href("events")} />
            <Tile name="Ledger entries" icon="ledger" value={c.ledger_entries} more="audit trail" to={href("ledger")} />
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
        <Card title="Latest failures" flush actions={<a href={href("dead-letters")}>View all by cause</a>}>
            <Answer of={failed} lines={6}>
                {({ rows }) => (rows.length === 0
                    ? <Empty icon="check" title="No run has failed">Runs that stop and need a decision appear here.</Empty>
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
        <Card title="Host" class="host-card">
            <Facts columns={3} of={[
                ["Version", o.host.version],
                ["Plugin ABI", o.host.abi],
                ["Started", <Time at={o.host.started_at} />],
                ["Revision", <code title={o.host.config_revision}>{o.host.config_revision.slice(0, 12)}</code>],
                ["Configuration loaded", <Time at={o.host.config_loaded_at} />],
                ["Memory (RSS)", bytes(o.memory.rss_bytes)],
                ["Journal size", bytes(o.journal.file_bytes)],
                ["Configuration file", <a class="break" href={href("settings")}>{o.host.config_file}</a>],
                ["Host id", <code>{o.host.host_id}</code>],
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
            <PageHead title="Overview" lead={h ? <Verdict of={h} /> : " "} />
            {h && (h.reasons.length > 0 || (h.informs?.length ?? 0) > 0) && (
                <div class="notices" aria-label="Needs attention" role="region">
                    <Reasons of={h.reasons} tone="bad" icon="cross" dead={c?.dead_letters ?? 0} />
                    <Reasons of={h.informs ?? []} tone="doubt" icon="warning" dead={c?.dead_letters ?? 0} />
                </div>
            )}
            <Answer of={answer} lines={3}>{() => (c && t ? <Tiles c={c} traffic={t} /> : null)}</Answer>
            {topology.data !== undefined && topology.data.nodes.length > 0 ? <GraphCard topology={topology.data} /> : (
                <Card title="Systems and flows" class="graph-card graph-wait">
                    <Answer of={topology} lines={8}>
                        {() => <Empty icon="connections" title="Nothing is configured yet">The connections and flows of the configuration appear here. <a href={href("settings")}>Settings</a></Empty>}
                    </Answer>
                </Card>
            )}
            <div class="overview-pair">
                <Card title="Last 10 minutes" class="chart-card" actions={<span class="card-aside">per minute</span>}>
                    {t ? <Suspense fallback={<Loading lines={5} />}><TrafficChart traffic={t} /></Suspense> : <Loading lines={5} />}
                </Card>
                <Failures />
            </div>
            {answer.data && <HostCard o={answer.data} />}
        </>
    );
}
