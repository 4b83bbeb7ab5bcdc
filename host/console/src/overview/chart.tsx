// SPDX-License-Identifier: Apache-2.0
// The last ten minutes as areas: events taken, runs that succeeded, runs that failed.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Traffic } from "../api";
import { plural } from "../lib/format";

const rows = [
    { name: "events", title: "Events", ink: "--run", soft: "--run-soft" },
    { name: "succeeded", title: "Succeeded", ink: "--ok", soft: null },
    { name: "failed", title: "Failed", ink: "--bad", soft: "--bad-soft" },
] as const;

function points(t: Traffic): uPlot.AlignedData {
    const perMinute = 60_000 / t.step_ms;
    // The last step is not over yet.
    const n = t.events.length - 1;
    const at = Array.from({ length: n }, (_, i) => (t.from + (i + 1) * t.step_ms) / 1000);
    return [at, ...rows.map((r) => t[r.name].slice(0, n).map((v) => v * perMinute))] as uPlot.AlignedData;
}

function options(width: number, height: number): uPlot.Options {
    const css = getComputedStyle(document.documentElement);
    const ink = (name: string) => css.getPropertyValue(name).trim();
    const axis = { stroke: ink("--text-2"), grid: { stroke: ink("--line"), width: 1 }, ticks: { show: false }, font: `12px ${ink("--font")}` };
    return {
        width, height,
        padding: [12, 20, 0, 0],
        cursor: { y: false, points: { size: 7 } },
        legend: { live: true, markers: { width: 0, fill: (_u, i) => ink(rows[i - 1]?.ink ?? "--text") } },
        scales: { y: { range: (_u, _min, max) => [0, Math.max(6, max * 1.15)] } },
        axes: [
            { ...axis, space: 70, values: (_u, at) => at.map((s) => new Date(s * 1000).toTimeString().slice(0, 5)) },
            { ...axis, size: 44, space: 34 },
        ],
        series: [
            { label: "At", value: (_u, s) => (s == null ? "–" : new Date(s * 1000).toTimeString().slice(0, 8)) },
            ...rows.map((r) => ({
                label: `${r.title} a minute`, stroke: ink(r.ink), width: 2, fill: r.soft ? `${ink(r.ink)}24` : undefined,
                points: { show: false }, paths: uPlot.paths.spline!(), value: (_u: uPlot, v: number | null) => (v == null ? "–" : String(Math.round(v))),
            })),
        ],
    };
}

export default function TrafficChart({ traffic }: { traffic: Traffic }) {
    const frame = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot>();
    const latest = useRef(traffic);
    latest.current = traffic;
    useEffect(() => {
        const el = frame.current!;
        const height = 330;
        const draw = () => {
            plot.current?.destroy();
            plot.current = new uPlot(options(el.clientWidth || 600, height), points(latest.current), el);
        };
        draw();
        const watch = new ResizeObserver(() => plot.current?.setSize({ width: el.clientWidth, height }));
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
    return (
        <figure class="chart" role="img" aria-label={`In the last ten minutes ${plural(total(traffic.events), "event")} came in, ${plural(total(traffic.succeeded), "run")} succeeded and ${total(traffic.failed)} failed.`}>
            <div ref={frame} aria-hidden="true" />
        </figure>
    );
}
