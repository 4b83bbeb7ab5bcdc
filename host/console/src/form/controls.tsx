// SPDX-License-Identifier: Apache-2.0
// The controls of single values. Each keeps what the person typed, also when it does not fit yet.
import { useEffect, useState } from "preact/hooks";

import type { Json } from "../types";
import { same } from "./change";
import { useForm } from "./context";
import type { Shape } from "./schema";

export interface ControlProps {
    id: string;
    shape: Shape;
    value: Json | undefined;
    required: boolean;
    pointer: string;
    onChange: (value: Json | undefined) => void;
    describedBy: string | undefined;
    invalid: boolean;
}

const shared = (p: ControlProps) => ({
    id: p.id,
    "aria-describedby": p.describedBy,
    "aria-invalid": p.invalid || undefined,
    "aria-required": p.required || undefined,
});

const looksLikeDate = (text: string) => text === "" || /^\d{4}-\d{2}-\d{2}$/.test(text);

export function TextControl(p: ControlProps) {
    const { readOnly } = useForm();
    const shown = typeof p.value === "string" ? p.value
        : p.value === undefined ? "" : JSON.stringify(p.value);
    const set = (text: string) => p.onChange(text === "" && !p.required ? undefined : text);
    if (p.shape.kind === "date" && looksLikeDate(shown)) {
        return <input {...shared(p)} type="date" value={shown} readOnly={readOnly}
            onInput={(e) => set(e.currentTarget.value)} />;
    }
    if (shown.length > 90 || shown.includes("\n")) {
        return <textarea {...shared(p)} rows={Math.min(10, shown.split("\n").length + 2)} value={shown}
            readOnly={readOnly} onInput={(e) => set(e.currentTarget.value)} />;
    }
    return <input {...shared(p)} type="text" value={shown} readOnly={readOnly} autocomplete="off"
        placeholder={p.value === undefined ? "not set"
            : p.shape.kind === "date-time" ? "2026-03-31T14:05:00Z" : undefined}
        onInput={(e) => set(e.currentTarget.value)} />;
}

// The number a text stands for; the text itself when it is none, so that nothing typed is lost and
// the check says what is wrong.
export function numberOf(text: string): Json | undefined {
    const trimmed = text.trim();
    if (trimmed === "") return undefined;
    return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : text;
}

export function NumberControl(p: ControlProps) {
    const { readOnly } = useForm();
    const [typed, setTyped] = useState<string | null>(null);
    const own = p.value === undefined ? "" : typeof p.value === "string" ? p.value : JSON.stringify(p.value);
    const shown = typed !== null && same(numberOf(typed), p.value) ? typed : own;
    return <input {...shared(p)} type="text" inputMode="decimal" value={shown} readOnly={readOnly}
        autocomplete="off" placeholder={p.value === undefined ? "not set" : undefined}
        onInput={(e) => {
            setTyped(e.currentTarget.value);
            p.onChange(numberOf(e.currentTarget.value));
        }} />;
}

export function OptionControl(p: ControlProps & { options: { value: Json; text: string }[] }) {
    const { readOnly } = useForm();
    const at = p.options.findIndex((o) => same(o.value, p.value));
    const stranger = p.value !== undefined && at < 0;
    return (
        <select {...shared(p)} disabled={readOnly} value={at < 0 ? (stranger ? "other" : "none") : String(at)}
            onChange={(e) => {
                const chosen = e.currentTarget.value;
                if (chosen === "none") p.onChange(undefined);
                else if (chosen !== "other") p.onChange(p.options[Number(chosen)]!.value);
            }}>
            {(!p.required || p.value === undefined) && <option value="none">not set</option>}
            {stranger && <option value="other">{JSON.stringify(p.value)} (as it is)</option>}
            {p.options.map((o, i) => <option key={i} value={String(i)}>{o.text}</option>)}
        </select>
    );
}

export const yesOrNo = [{ value: true, text: "Yes" }, { value: false, text: "No" }];

export function JsonControl(p: ControlProps & { rows?: number }) {
    const { note, readOnly } = useForm();
    const own = p.value === undefined ? "" : JSON.stringify(p.value, null, 2);
    const [typed, setTyped] = useState({ text: own, of: own });
    const text = typed.of === own ? typed.text : own;
    useEffect(() => () => note(p.pointer, ""), [p.pointer]);
    return <textarea {...shared(p)} class="mono" spellcheck={false} value={text} readOnly={readOnly}
        rows={p.rows ?? Math.min(12, Math.max(2, text.split("\n").length))}
        onInput={(e) => {
            const next = e.currentTarget.value;
            if (next.trim() === "") {
                setTyped({ text: next, of: "" });
                note(p.pointer, p.required ? "must not be empty" : "");
                if (!p.required) p.onChange(undefined);
                return;
            }
            try {
                const value = JSON.parse(next) as Json;
                setTyped({ text: next, of: JSON.stringify(value, null, 2) });
                note(p.pointer, "");
                p.onChange(value);
            } catch (error) {
                setTyped({ text: next, of: own });
                note(p.pointer, `is no JSON: ${(error as Error).message}`);
            }
        }} />;
}
