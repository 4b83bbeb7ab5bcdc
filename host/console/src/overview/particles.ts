// SPDX-License-Identifier: Apache-2.0
// Points that travel along the graph's lines, one for each few events or calls that pass. Few and
// slow: they show where something moves, the figures show how much.
const life = 1_800; // ms from end to end
const most = 48; // at a time; more would tell nothing more

interface Particle { dot: SVGCircleElement; line: SVGPathElement; length: number; born: number; back: boolean }

export class Particles {
    private readonly flying: Particle[] = [];
    private readonly spare: SVGCircleElement[] = [];
    private frame = 0;

    constructor(private readonly layer: SVGGElement) {}

    // back: from the line's end to its beginning
    send(line: SVGPathElement, n: number, back: boolean, what: "event" | "call" | "error") {
        const count = Math.min(n, 2);
        for (let i = 0; i < count && this.flying.length < most; ++i) {
            const dot = this.spare.pop() ?? document.createElementNS("http://www.w3.org/2000/svg", "circle");
            dot.setAttribute("r", what === "error" ? "4" : "3");
            dot.setAttribute("class", `spark ${what}`);
            this.layer.append(dot);
            this.flying.push({ dot, line, length: line.getTotalLength(), born: performance.now() + (i * 900) / count + Math.random() * 120, back });
        }
        if (this.frame === 0 && this.flying.length > 0) this.frame = requestAnimationFrame(this.step);
    }

    clear() {
        cancelAnimationFrame(this.frame);
        this.frame = 0;
        for (const p of this.flying.splice(0)) p.dot.remove();
    }

    private readonly step = (now: number) => {
        for (let i = this.flying.length - 1; i >= 0; --i) {
            const p = this.flying[i]!;
            const share = (now - p.born) / life;
            if (share >= 1 || !p.line.isConnected) {
                p.dot.remove();
                this.spare.push(p.dot);
                this.flying.splice(i, 1);
                continue;
            }
            const s = Math.max(0, share);
            const at = p.line.getPointAtLength(p.length * (p.back ? 1 - s : s));
            p.dot.setAttribute("transform", `translate(${at.x} ${at.y})`);
            p.dot.setAttribute("opacity", share < 0 ? "0" : String(Math.min(1, s * 6, (1 - s) * 6)));
        }
        this.frame = this.flying.length > 0 ? requestAnimationFrame(this.step) : 0;
    };
}
