// SPDX-License-Identifier: Apache-2.0
// What every field of one form shares.
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Json } from "../types";
import type { Problem } from "./check";

// The host never shows secrets: in their place values have three asterisks, and a value that is left
// so keeps what it hides.
export const hides = (value: unknown) => JSON.stringify(value ?? "").includes("***");
export const hiddenHint = "Hidden (***): left unchanged it keeps its value; to change it, enter the whole value.";

export interface FormContext {
    root: Json; // the whole schema, for references
    id: string; // begins the ids of the controls
    problems: Map<string, Problem[]>;
    readOnly: boolean;
    // Text that is no JSON yet cannot become part of the value; empty: it can.
    note: (pointer: string, message: string) => void;
}

export const Form = createContext<FormContext>({
    root: {}, id: "form", problems: new Map(), readOnly: false, note: () => {},
});
export const useForm = () => useContext(Form);

export interface FieldProps {
    title: string;
    schema: Json;
    value: Json | undefined; // undefined: the member is absent
    pointer: string;
    required: boolean;
    onChange: (value: Json | undefined) => void;
    removable?: boolean; // even where it is required: an item of a list
}

// An id for a pointer: what is no letter or digit becomes its number.
export const fieldId = (form: string, pointer: string) =>
    `${form}${pointer.replace(/[^A-Za-z0-9]/g, (c) => `-${c.charCodeAt(0)}`)}`;
