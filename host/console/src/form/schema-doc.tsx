// SPDX-License-Identifier: Apache-2.0
// A JSON Schema as documentation: name, type, what it is for, what holds without it.
import "./form.css";
import type { Json } from "../types";
import { isObject, shapeOf, typeWords } from "./schema";

const deepest = 6;

export function SchemaDoc({ schema, root, depth = 0, label }: {
    schema: Json; root?: Json; depth?: number; label: string;
}) {
    const whole = root ?? schema;
    const shape = shapeOf(schema, whole);
    if (shape.kind === "array" && depth < deepest) {
        const inner = shapeOf(shape.items, whole);
        if (inner.properties.length > 0) return <>
            <p class="muted">{typeWords(schema, whole)}, each with:</p>
            <SchemaDoc schema={shape.items} root={whole} depth={depth + 1} label={label} />
        </>;
    }
    if (shape.properties.length === 0) {
        if (shape.kind === "object" && isObject(shape.extra)) return <>
            <p class="muted">Members by name, each {typeWords(shape.extra, whole)}{" "}
                {shapeOf(shape.extra, whole).properties.length > 0 && "with:"}</p>
            {depth < deepest && shapeOf(shape.extra, whole).properties.length > 0 &&
                <SchemaDoc schema={shape.extra} root={whole} depth={depth + 1} label={label} />}
        </>;
        if (shape.kind === "choice") return <>{shape.choices.map((c, i) => (
            <div key={i} class="schema-choice">
                <p class="muted">{i > 0 ? "or " : ""}{typeof c.title === "string" ? c.title : typeWords(c, whole)}</p>
                {depth < deepest && shapeOf(c, whole).properties.length > 0 &&
                    <SchemaDoc schema={c} root={whole} depth={depth + 1} label={label} />}
            </div>))}</>;
        return <p class="muted">{shape.kind === "object"
            ? (shape.extra === false ? "No members." : "Any members.") : typeWords(schema, whole)}</p>;
    }
    return (
        <dl class="schema-doc" aria-label={label}>
            {shape.properties.map((p) => {
                const s = shapeOf(p.schema, whole);
                const below = depth < deepest && (s.properties.length > 0 ||
                    (s.kind === "array" && shapeOf(s.items, whole).properties.length > 0) ||
                    (s.kind === "object" && isObject(s.extra)));
                return (
                    <div key={p.name}>
                        <dt>
                            <code>{p.name}</code>
                            {p.required && <span class="schema-needed">needed</span>}
                            {s.schema["x-secret"] === true && <span class="schema-needed">secret</span>}
                        </dt>
                        <dd>
                            <p>{[s.title, s.description].filter((t) => t !== "").join(". ").replace(/\.\. /g, ". ") ||
                                <span class="muted">–</span>}</p>
                            <p class="muted small-text">
                                {typeWords(p.schema, whole)}
                                {s.schema.default !== undefined && <>; default <code>{JSON.stringify(s.schema.default)}</code></>}
                            </p>
                            {below && <SchemaDoc schema={p.schema} root={whole} depth={depth + 1}
                                label={`${label} ${p.name}`} />}
                        </dd>
                    </div>
                );
            })}
            {isObject(shape.extra) && <div><dt>others</dt><dd>{typeWords(shape.extra, whole)}</dd></div>}
        </dl>
    );
}
