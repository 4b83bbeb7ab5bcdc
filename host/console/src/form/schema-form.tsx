// SPDX-License-Identifier: Apache-2.0
// A form for any value with a JSON Schema. The owner holds the value and says what is wrong with it.
import "./form.css";
import { useMemo } from "preact/hooks";

import type { Json } from "../types";
import { byPointer, type Problem } from "./check";
import { Form } from "./context";
import { Field, Members } from "./field";
import { isObject, shapeOf } from "./schema";

export interface SchemaFormProps {
    id: string;
    title: string;
    schema: Json;
    value: Json;
    problems: Problem[];
    readOnly?: boolean;
    onChange: (value: Json) => void;
    // Text in a field is no JSON; an empty message takes it back.
    onNote: (pointer: string, message: string) => void;
}

export function SchemaForm(p: SchemaFormProps) {
    const problems = useMemo(() => byPointer(p.problems), [p.problems]);
    const shape = shapeOf(p.schema, p.schema);
    const field = {
        title: p.title, schema: p.schema, value: p.value, pointer: "", required: true,
        onChange: (v: Json | undefined) => { if (v !== undefined) p.onChange(v); },
    };
    const whole = problems.get("") ?? [];
    return (
        <Form.Provider value={{
            root: p.schema, id: p.id, problems, readOnly: p.readOnly ?? false, note: p.onNote,
        }}>
            <div class="schema-form">
                {shape.kind === "object" && isObject(p.value) ? <>
                    {whole.length > 0 && <p class="field-problem">
                        {whole.map((w) => w.message).join("; ")}</p>}
                    <Members {...field} shape={shape} />
                </> : <Field {...field} />}
            </div>
        </Form.Provider>
    );
}
