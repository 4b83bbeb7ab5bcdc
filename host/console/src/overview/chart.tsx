// SPDX-License-Identifier: Apache-2.0
// The last ten minutes per minute: events accepted, runs that succeeded, runs that failed. Under it what
// they sum up to, or the figures at the pointer.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Traffic } from "../api";
import { count, plural } from "../lib/format";

const rows = [
    { name: "events", title: "Events", ink: "--run", soft: true },
    { name: "succeeded", title: "Runs succeeded", ink: "--ok", soft: false },
    { name: "failed", title: "Runs failed", ink: "--bad", soft: true },
] as const;

function points(t: Traffic): uPlot.AlignedData {
    const perMinute = 60_000 / t.step_ms;
    // The last step is not over yet.
    const n = Math.max(0, t.events.length - 1);
    const at = Array.from({ length: n }, (_, i) => (t.from + (i + 1) * t.step_ms) / 1000);
    return [at, ...rows.map((r) => t[r.name].slice(0, n).map((v) => v * perMinute))] as uPlot.AlignedData;
}

const clock = (s: number, seconds = false) => new Date(s * 1000).toTimeString().slice(0, seconds ? 8 : 5);

function options(width: number, height: number, point: (i: number | null) => void): uPlot.Options {
    const css = getComputedStyle(document.documentElement);
    const ink = (name: string) => css.getPropertyValue(name).trim();
    const axis = { stroke: ink("--text-2"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: `12px ${ink("--font")}` };
    return {
        width, height,
        padding: [12, 20, 0, 0],
        cursor: { y: false, points: { size: 7 } },
        legend: { show: false },
        scales: { y: { range: (_u, _min, max) => [0, Math.max(6, max * 1.1)] } },
        axes: [
            { ...axis, space: 70, values: (_u, at) => at.map((s) => clock(s)) },
            { ...axis, size: 44, space: 34, values: (_u, at) => at.map((v) => count(v)) },
        ],
        series: [{}, ...rows.map((r) => ({
            label: r.title, stroke: ink(r.ink), width: 2, fill: r.soft ? `${ink(r.ink)}24` : undefined, points: { show: false },
        }))],
        hooks: { setCursor: [(u) => point(u.cursor.idx ?? null)] },
    };
}

export default function TrafficChart({ traffic }: { traffic: Traffic }) {
    const frame = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot>();
    const latest = useRef(traffic);
    const [at, setAt] = useState<number | null>(null);
    latest.current = traffic;
    useEffect(() => {
        const el = frame.current!;
        const size = () => ({ width: el.clientWidth || 600, height: el.clientHeight || 300 });
        const draw = () => {
            plot.current?.destroy();
            const { width, height } = size();
            plot.current = new uPlot(options(width, height, setAt), points(latest.current), el);
        };
        draw();
        const watch = new ResizeObserver(() => plot.current?.setSize(size()));
        watch.observe(el);
        const dark = matchMedia("(prefers-color-scheme: dark)");
        addEventListener("mortise-theme", draw);
        dark.addEventListener("change", draw);
        return () => {
            watch.disconnect();
            removeEventListener("mortise-theme", draw);
            dark.removeEventListener("change", draw);
            plot.current?.destroy();
        };
    }, []);
    useEffect(() => { plot.current?.setData(points(traffic)); }, [traffic]);
    const total = (row: number[]) => row.reduce((a, b) => a + b, 0);
    const [times, ...values] = points(traffic);
    const time = at === null ? undefined : times[at];
    return (
        <figure class="chart" role="img" aria-label={`In the last ten minutes ${plural(total(traffic.events), "event")} came in, ${plural(total(traffic.succeeded), "run")} succeeded and ${total(traffic.failed)} failed.`}>
            <div class="chart-frame" ref={frame} aria-hidden="true" />
            <div class="chart-legend" aria-hidden="true">
                <span class="muted">{time === undefined ? "In 10 min" : clock(time, true)}</span>
                {rows.map((r, i) => (
                    <span key={r.name}>
                        <i class={`chart-mark ${r.name}`} />{r.title}{" "}
                        <strong>{time === undefined ? count(total(traffic[r.name])) : `${count(Math.round(values[i]?.[at!] ?? 0))}/min`}</strong>
                    </span>
                ))}
            </div>
        </figure>
    );
}
