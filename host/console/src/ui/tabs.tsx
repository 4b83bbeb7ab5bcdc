// SPDX-License-Identifier: Apache-2.0
// Tabs with arrow keys, Home and End, as screen readers expect them.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Tab { id: string; title: string; count?: number }

export function Tabs({ tabs, active, onChange, label, children }: {
    tabs: Tab[]; active: string; onChange: (id: string) => void; label: string;
    children: ComponentChildren;
}) {
    const base = useId();
    const keys = (e: KeyboardEvent) => {
        const at = tabs.findIndex((t) => t.id === active);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[e.key];
        if (to === undefined) return;
        e.preventDefault();
        const next = tabs[(to + tabs.length) % tabs.length]!;
        onChange(next.id);
        document.getElementById(`${base}-${next.id}`)?.focus();
    };
    return (
        <>
            <div class="tabs" role="tablist" aria-label={label} onKeyDown={keys}>
                {tabs.map((t) => (
                    <button key={t.id} type="button" role="tab" id={`${base}-${t.id}`}
                        aria-selected={t.id === active} aria-controls={`${base}-panel`}
                        tabIndex={t.id === active ? 0 : -1} onClick={() => onChange(t.id)}>
                        {t.title}
                        {t.count !== undefined && <span class="tab-count">{t.count}</span>}
                    </button>
                ))}
            </div>
            <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${active}`} class="tab-panel">
                {children}
            </div>
        </>
    );
}
