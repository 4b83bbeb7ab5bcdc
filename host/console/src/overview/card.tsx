// SPDX-License-Identifier: Apache-2.0
// The card around the graph: legend, whether it moves, and, where there is much, looking for something.
import { useState } from "preact/hooks";

import type { Topology } from "../api";
import { matching } from "../lib/graph";
import { Button, Card, Empty } from "../ui";
import { SystemGraph, isLarge } from "./graph";

const stored = () => {
    try {
        return localStorage.getItem("mortise.still") === "1";
    } catch {
        return false; // storage may be off
    }
};

function Legend() {
    return (
        <div class="legend">
            <span><i class="legend-dot" />Event</span>
            <span><i class="legend-dot back" />Call</span>
            <span><i class="legend-dot bad" />Error</span>
            <span class="legend-more">Line width: traffic in the last minute</span>
        </div>
    );
}

export function GraphCard({ topology }: { topology: Topology }) {
    const [still, setStill] = useState(stored);
    const [text, setText] = useState("");
    const [trouble, setTrouble] = useState(false);
    const large = isLarge(topology);
    const shown = large && (text.trim() !== "" || trouble) ? matching(topology, text, trouble) : topology;
    const setMotion = (now: boolean) => {
        setStill(now);
        try {
            if (now) localStorage.setItem("mortise.still", "1");
            else localStorage.removeItem("mortise.still");
        } catch { /* it holds for this page only */ }
    };
    return (
        <Card title="Systems and flows" class="graph-card" actions={<>
            <Legend />
            <Button look="quiet" small icon={still ? "play" : "pause"} label={still ? "Animate traffic" : "Stop the animation"}
                onClick={() => setMotion(!still)} />
        </>}>
            {large && (
                <div class="graph-find" role="search">
                    <input type="search" value={text} placeholder="Find a system or flow" aria-label="Find a system or flow" spellcheck={false}
                        data-filter="main" onInput={(e) => setText(e.currentTarget.value)} />
                    <Button small pressed={trouble} icon="warning" onClick={() => setTrouble(!trouble)}>Needs attention</Button>
                </div>
            )}
            {shown.nodes.length === 0
                ? <Empty icon="search" title={trouble ? "Nothing needs attention here" : "No system or flow is called so"}>
                    <Button small onClick={() => { setText(""); setTrouble(false); }}>Show all</Button>
                </Empty>
                : <SystemGraph topology={shown} moving={!still} />}
        </Card>
    );
}
