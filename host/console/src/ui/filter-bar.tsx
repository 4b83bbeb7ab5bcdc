// SPDX-License-Identifier: Apache-2.0
// Filters of a list. Values live in the address (useFilters); text is applied when typing pauses.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "./button";
import { Icon } from "./icon";

export function FilterBar({ children, active, onClear, summary }: {
    children: ComponentChildren; active: number; onClear: () => void; summary?: ComponentChildren;
}) {
    // What was found is read out after the person has changed something, not whenever a row comes in.
    const touched = useRef(0);
    const text = typeof summary === "string" ? summary : "";
    const touch = () => { touched.current = Date.now(); };
    useEffect(() => {
        if (text === "" || Date.now() - touched.current > 4_000) return;
        const timer = setTimeout(() => {
            const live = document.getElementById("announcer");
            if (live) live.textContent = text;
        }, 600);
        return () => clearTimeout(timer);
    }, [text]);
    return (
        <form class="filter-bar" role="search" onSubmit={(e) => e.preventDefault()} onInput={touch} onChange={touch} onClick={touch}>
            {children}
            {active > 0 && <Button look="quiet" icon="close" onClick={onClear}>Clear</Button>}
            {summary && <span class="filter-summary">{summary}</span>}
        </form>
    );
}

// The one that "/" goes to.
export function SearchFilter({ value, onChange, placeholder, label = "Search" }: {
    value: string; onChange: (value: string) => void; placeholder?: string; label?: string;
}) {
    return (
        <div class="search-filter">
            <Icon name="search" />
            <TextFilter value={value} onChange={onChange} placeholder={placeholder} label={label} main />
        </div>
    );
}

export function TextFilter({ value, onChange, placeholder, label, main }: {
    value: string; onChange: (value: string) => void; placeholder?: string; label: string; main?: boolean;
}) {
    const [text, setText] = useState(value);
    const timer = useRef<ReturnType<typeof setTimeout>>();
    const mine = useRef(value); // what this field has last asked for
    useEffect(() => {
        if (value !== mine.current) setText(value);
        mine.current = value;
    }, [value]);
    useEffect(() => () => clearTimeout(timer.current), []);
    const apply = (v: string) => {
        clearTimeout(timer.current);
        mine.current = v;
        onChange(v);
    };
    return (
        <input type="search" value={text} placeholder={placeholder ?? label} aria-label={label}
            spellcheck={false} autocomplete="off" data-filter={main ? "main" : undefined}
            onInput={(e) => {
                const v = e.currentTarget.value;
                setText(v);
                clearTimeout(timer.current);
                timer.current = setTimeout(() => apply(v.trim()), 180);
            }}
            onKeyDown={(e) => {
                if (e.key === "Enter") apply(text.trim());
                if (e.key === "Escape" && text === "") e.currentTarget.blur(); // the first one empties it
            }} />
    );
}

export function SelectFilter({ value, onChange, label, options, any = "any" }: {
    value: string; onChange: (value: string) => void; label: string;
    options: (string | { value: string; label: string })[]; any?: string;
}) {
    const all = options.map((o) => (typeof o === "string" ? { value: o, label: o } : o));
    if (value !== "" && !all.some((o) => o.value === value)) all.push({ value, label: value });
    return (
        <label class={`select-filter${value === "" ? "" : " set"}`}>
            <span aria-hidden="true">{label}</span>
            <select value={value} aria-label={label} onChange={(e) => onChange(e.currentTarget.value)}>
                <option value="" selected={value === ""}>{any}</option>
                {all.map((o) => (
                    <option key={o.value} value={o.value} selected={o.value === value}>{o.label}</option>
                ))}
            </select>
        </label>
    );
}

// Several of a few, as switches in a row; the value is a comma-separated list.
export function ChoiceFilter({ value, onChange, label, options }: {
    value: string; onChange: (value: string) => void; label: string;
    options: { value: string; label: ComponentChildren; count?: number }[];
}) {
    const on = new Set(value.split(",").filter((v) => v !== ""));
    const toggle = (v: string) => {
        const next = new Set(on);
        if (!next.delete(v)) next.add(v);
        onChange(options.map((o) => o.value).filter((o) => next.has(o)).join(","));
    };
    return (
        <div class="choice-filter" role="group" aria-label={label}>
            {options.map((o) => (
                <button key={o.value} type="button" aria-pressed={on.has(o.value)} onClick={() => toggle(o.value)}>
                    {o.label}
                    {o.count !== undefined && <span class="choice-count">{o.count}</span>}
                </button>
            ))}
        </div>
    );
}
