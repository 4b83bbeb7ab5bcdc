// SPDX-License-Identifier: Apache-2.0
// Form fields with label, hint and problem, tied together for screen readers.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
    label: string;
    hint?: ComponentChildren;
    problem?: string;
    required?: boolean;
    disabled?: boolean;
}

export function Field({ label, hint, problem, required, children }: Common & {
    children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ComponentChildren;
}) {
    const id = useId();
    const notes = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
    return (
        <div class={`field${problem ? " has-problem" : ""}`}>
            <label for={id}>
                {label}
                {required && <span class="needed"> needed</span>}
            </label>
            {children({ id, describedBy: notes || undefined, invalid: Boolean(problem) })}
            {hint && <p class="field-hint" id={`${id}-hint`}>{hint}</p>}
            {problem && <p class="field-problem" id={`${id}-problem`}>{problem}</p>}
        </div>
    );
}

export function TextField(p: Common & {
    value: string; onInput: (value: string) => void; type?: string; placeholder?: string;
    autofocus?: boolean; mono?: boolean; autocomplete?: string;
}) {
    return (
        <Field {...p}>
            {({ id, describedBy, invalid }) => (
                <input id={id} type={p.type ?? "text"} value={p.value} placeholder={p.placeholder}
                    class={p.mono ? "mono" : undefined} autofocus={p.autofocus} spellcheck={false}
                    autocomplete={p.autocomplete ?? "off"} required={p.required} disabled={p.disabled}
                    aria-describedby={describedBy} aria-invalid={invalid || undefined}
                    onInput={(e) => p.onInput(e.currentTarget.value)} />
            )}
        </Field>
    );
}

export function TextArea(p: Common & {
    value: string; onInput: (value: string) => void; rows?: number; mono?: boolean;
}) {
    return (
        <Field {...p}>
            {({ id, describedBy, invalid }) => (
                <textarea id={id} rows={p.rows ?? 4} value={p.value} spellcheck={false}
                    class={p.mono ? "mono" : undefined} required={p.required} disabled={p.disabled}
                    aria-describedby={describedBy} aria-invalid={invalid || undefined}
                    onInput={(e) => p.onInput(e.currentTarget.value)} />
            )}
        </Field>
    );
}

export function Select(p: Common & {
    value: string; onChange: (value: string) => void;
    options: (string | { value: string; label: string })[];
}) {
    return (
        <Field {...p}>
            {({ id, describedBy, invalid }) => (
                <select id={id} value={p.value} disabled={p.disabled} aria-describedby={describedBy}
                    aria-invalid={invalid || undefined}
                    onChange={(e) => p.onChange(e.currentTarget.value)}>
                    {p.options.map((o) => {
                        const { value, label } = typeof o === "string" ? { value: o, label: o } : o;
                        return <option key={value} value={value} selected={value === p.value}>{label}</option>;
                    })}
                </select>
            )}
        </Field>
    );
}

export function Checkbox({ label, checked, onChange, hint, disabled }: {
    label: ComponentChildren; checked: boolean; onChange: (on: boolean) => void; hint?: ComponentChildren;
    disabled?: boolean;
}) {
    const id = useId();
    return (
        <div class="check-field">
            <input id={id} type="checkbox" checked={checked} disabled={disabled}
                aria-describedby={hint ? `${id}-hint` : undefined}
                onChange={(e) => onChange(e.currentTarget.checked)} />
            <div>
                <label for={id}>{label}</label>
                {hint && <p class="field-hint" id={`${id}-hint`}>{hint}</p>}
            </div>
        </div>
    );
}
