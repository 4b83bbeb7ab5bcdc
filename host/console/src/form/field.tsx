// SPDX-License-Identifier: Apache-2.0
// One member of a value with its title, description, control and problems; objects and lists hold
// further ones.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Json } from "../types";
import { check } from "./check";
import { type FieldProps, fieldId, hiddenHint, hides, useForm } from "./context";
import {
    type ControlProps, JsonControl, NumberControl, OptionControl, TextControl, yesOrNo,
} from "./controls";
import { beginning, escaped, isObject, type Shape, shapeOf, typeWords, wordsOf } from "./schema";

function Problems({ id, of }: { id: string; of: { message: string; hint?: string }[] }) {
    if (of.length === 0) return null;
    return (
        <p id={id} class="field-problem">
            {of.map((p) => p.message + (p.hint ? ` (${p.hint})` : "")).join("; ")}
        </p>
    );
}

export function Field(p: FieldProps) {
    const { root, id: form, problems, readOnly } = useForm();
    const shape = shapeOf(p.schema, root);
    const id = fieldId(form, p.pointer);
    const wrong = problems.get(p.pointer) ?? [];
    const title = shape.title || p.title;
    // Of an object or a list its members say so.
    const hidden = hides(p.value) && (typeof p.value !== "object" || !["object", "array", "choice"].includes(shape.kind));
    const describedBy = [
        shape.description === "" ? "" : `${id}-doc`, hidden ? `${id}-hidden` : "", wrong.length > 0 ? `${id}-problem` : "",
    ].filter((d) => d !== "").join(" ") || undefined;
    const control = { ...p, id, shape, describedBy, invalid: wrong.length > 0 };
    const remove = (p.removable || !p.required) && p.value !== undefined && !readOnly && (
        <button type="button" class="button quiet small" onClick={() => p.onChange(undefined)}
            aria-label={`Remove ${title}`}>Remove</button>
    );
    const about = <>
        {hidden && <p id={`${id}-hidden`} class="field-hint">{hiddenHint}</p>}
        {shape.description !== "" && <p id={`${id}-doc`} class="field-hint">{shape.description}</p>}
        <Problems id={`${id}-problem`} of={wrong} />
    </>;
    const group = (children: ComponentChildren) => (
        <fieldset class={`field group${wrong.length > 0 ? " has-problem" : ""}`} aria-describedby={describedBy}>
            <legend>
                {title}{" "}
                {!p.required && <span class="field-type">optional</span>}
            </legend>
            {about}
            {children}
            {remove}
        </fieldset>
    );

    if (p.value === null && shape.nullable && shape.kind !== "null") {
        return group(
            <p class="field-row">
                <span>no value (null)</span>
                {!readOnly && <button type="button" class="button small"
                    onClick={() => p.onChange(beginning({ ...shape.schema }, root))}>Give {title} a value</button>}
            </p>);
    }
    if (shape.kind === "choice") return group(<Choice {...p} shape={shape} />);
    if (shape.kind === "object" && (isObject(p.value) || p.value === undefined))
        return group(p.value === undefined ? <Add {...p} title={title} /> : <Members {...p} shape={shape} />);
    if (shape.kind === "array" && (Array.isArray(p.value) || p.value === undefined))
        return group(p.value === undefined ? <Add {...p} title={title} /> : <Items {...p} shape={shape} />);

    return (
        <div class={`field${wrong.length > 0 ? " has-problem" : ""}`}>
            <div class="field-head">
                <label for={id}>{title}</label>
                <span class="field-type">
                    {shape.kind === "one-of" ? "" : typeWords(p.schema, root)}{p.required ? "" : " · optional"}
                </span>
                {remove}
                {shape.nullable && !readOnly && <button type="button" class="button quiet small"
                    aria-label={`Set ${title} to null`} onClick={() => p.onChange(null)}>null</button>}
            </div>
            <Control {...control} />
            {about}
        </div>
    );
}

// By the schema, or, where it allows anything, by the value there is. A value that fits no control is
// shown as JSON.
function Control(p: ControlProps) {
    const { kind, options } = p.shape;
    const scalar = typeof p.value !== "object" || p.value === null;
    const likeValue = kind === "any" ? typeof p.value : "";
    if (kind === "one-of") {
        return <OptionControl {...p} options={options.map((o) => ({
            value: o, text: typeof o === "string" ? o : JSON.stringify(o),
        }))} />;
    }
    if (kind === "boolean" || likeValue === "boolean") return <OptionControl {...p} options={yesOrNo} />;
    if (((kind === "number" || kind === "integer") && scalar) || likeValue === "number")
        return <NumberControl {...p} />;
    if ((["text", "date", "date-time"].includes(kind) && typeof p.value !== "object") || likeValue === "string")
        return <TextControl {...p} />;
    return <JsonControl {...p} />;
}

function Add(p: FieldProps) {
    const { root, readOnly } = useForm();
    if (readOnly) return <p class="field-hint">not set</p>;
    return <button type="button" class="button small" onClick={() => p.onChange(beginning(p.schema, root))}>
        Add {p.title}</button>;
}

// One of several schemas: the one the value fits, until a person takes another.
function Choice(p: FieldProps & { shape: Shape }) {
    const { root, id: form } = useForm();
    const fits = p.shape.choices.findIndex((c) => {
        const whole = isObject(root) ? root : {};
        const schema = { $defs: whole.$defs ?? {}, definitions: whole.definitions ?? {}, ...c };
        return p.value !== undefined && check(p.value, schema).length === 0;
    });
    const [chosen, setChosen] = useState<number | null>(null);
    const now = chosen ?? Math.max(0, fits);
    const schema = p.shape.choices[now] ?? {};
    const id = `${fieldId(form, p.pointer)}-kind`;
    return <>
        <div class="field-row">
            <label for={id}>Kind</label>
            <select id={id} value={String(now)} onChange={(e) => {
                const next = Number(e.currentTarget.value);
                setChosen(next);
                p.onChange(beginning(p.shape.choices[next] ?? {}, root));
            }}>
                {p.shape.choices.map((c, i) => (
                    <option key={i} value={String(i)}>
                        {typeof c.title === "string" ? c.title : typeWords(c, root)}
                    </option>
                ))}
            </select>
        </div>
        <Field {...p} key={now} schema={schema} title={p.title} required removable={false} />
    </>;
}

export function Members(p: FieldProps & { shape: Shape }) {
    const { id: form, readOnly } = useForm();
    const [name, setName] = useState("");
    const value = isObject(p.value) ? p.value : {};
    const set = (member: string, next: Json | undefined) => {
        const out = { ...value };
        if (next === undefined) delete out[member];
        else out[member] = next;
        p.onChange(out);
    };
    const declared = new Set(p.shape.properties.map((m) => m.name));
    const others = Object.keys(value).filter((n) => !declared.has(n));
    const id = `${fieldId(form, p.pointer)}-more`;
    return <>
        {p.shape.properties.map((m) => (
            <Field key={m.name} title={wordsOf(m.name)} schema={m.schema} value={value[m.name]}
                pointer={`${p.pointer}/${escaped(m.name)}`} required={m.required}
                onChange={(v) => set(m.name, v)} />
        ))}
        {others.map((n) => (
            <Field key={n} title={n} schema={isObject(p.shape.extra) ? p.shape.extra : {}} value={value[n]}
                pointer={`${p.pointer}/${escaped(n)}`} required={false} onChange={(v) => set(n, v)} />
        ))}
        {p.shape.extra !== false && !readOnly && (
            <div class="field-row">
                <label for={id}>Further member</label>
                <input id={id} type="text" value={name} placeholder="name" autocomplete="off"
                    onInput={(e) => setName(e.currentTarget.value)} />
                <button type="button" class="button small" disabled={name === "" || Object.hasOwn(value, name)}
                    onClick={() => {
                        const schema = declared.has(name)
                            ? p.shape.properties.find((m) => m.name === name)!.schema
                            : isObject(p.shape.extra) ? p.shape.extra : { type: "string" };
                        set(name, beginning(schema, schema));
                        setName("");
                    }}>Add</button>
            </div>
        )}
    </>;
}

function Items(p: FieldProps & { shape: Shape }) {
    const { root, readOnly } = useForm();
    const items = Array.isArray(p.value) ? p.value : [];
    const title = p.shape.title || p.title;
    return <>
        {items.length === 0 && <p class="field-hint">empty</p>}
        {items.map((item, i) => (
            <Field key={i} title={`${title} ${i + 1}`} schema={p.shape.items} value={item} required
                removable pointer={`${p.pointer}/${i}`}
                onChange={(v) => p.onChange(v === undefined
                    ? items.filter((_, at) => at !== i)
                    : items.map((o, at) => (at === i ? v : o)))} />
        ))}
        {!readOnly && <button type="button" class="button small"
            onClick={() => p.onChange([...items, beginning(p.shape.items, root)])}>
            Add an item to {title}</button>}
    </>;
}
