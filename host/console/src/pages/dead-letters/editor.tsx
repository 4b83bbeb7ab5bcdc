// SPDX-License-Identifier: Apache-2.0
// A value as a form made from its schema, or as JSON text; both show the same value.
import { useEffect, useState } from "preact/hooks";

import type { Json } from "../../api";
import type { Problem } from "../../form/check";
import { hiddenHint, hides } from "../../form/context";
import { SchemaForm } from "../../form/schema-form";
import { TextArea } from "../../ui";

export interface EditorProps {
    id: string;
    title: string;
    schema: Json;
    value: Json;
    problems: Problem[];
    readOnly: boolean;
    onChange: (value: Json) => void;
    onNote: (pointer: string, message: string) => void;
}

export function Editor(p: EditorProps) {
    const [raw, setRaw] = useState(false);
    return (
        <div class="editor">
            <div class="choice-filter" role="group" aria-label="Edit as">
                <button type="button" aria-pressed={!raw} onClick={() => setRaw(false)}>Form</button>
                <button type="button" aria-pressed={raw} onClick={() => setRaw(true)}>JSON</button>
            </div>
            {raw ? <RawJson {...p} /> : <SchemaForm {...p} />}
        </div>
    );
}

function RawJson(p: EditorProps) {
    const own = JSON.stringify(p.value, null, 2);
    const [typed, setTyped] = useState({ text: own, of: own, problem: "" });
    const text = typed.of === own ? typed.text : own;
    const problem = typed.of === own ? typed.problem : "";
    useEffect(() => () => p.onNote("", ""), []);
    return (
        <TextArea label={`${p.title} as JSON`} mono rows={Math.min(28, Math.max(10, text.split("\n").length + 1))}
            value={text} problem={problem} disabled={p.readOnly} hint={hides(p.value) ? hiddenHint : undefined}
            onInput={(next) => {
                try {
                    const value = JSON.parse(next) as Json;
                    setTyped({ text: next, of: JSON.stringify(value, null, 2), problem: "" });
                    p.onNote("", "");
                    p.onChange(value);
                } catch (e) {
                    const message = `Not valid JSON: ${(e as Error).message}`;
                    setTyped({ text: next, of: own, problem: message });
                    p.onNote("", message);
                }
            }} />
    );
}
