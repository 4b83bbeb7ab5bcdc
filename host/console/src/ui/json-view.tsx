// SPDX-License-Identifier: Apache-2.0
// JSON to look at: folds, search that opens what it finds, copy. What the host has redacted ("***")
// is marked as such.
import { useMemo, useState } from "preact/hooks";

import { entriesOf, findInJson, isNode, preview } from "../lib/json";
import type { Json } from "../types";
import { Button, CopyButton } from "./button";
import { Icon } from "./icon";

const longText = 400;
const manyMembers = 100;

export function JsonView({ value, label, open = 2, search }: {
    value: Json | undefined;
    label: string; // what it is, for screen readers
    open?: number; // levels that are unfolded at first
    search?: boolean; // by default where there is much
}) {
    const [text, setText] = useState("");
    const [all, setAll] = useState(0); // >0: unfold all, <0: fold all; changes tell the nodes
    const found = useMemo(() => new Set(value === undefined ? [] : findInJson(value, text)), [value, text]);
    const size = useMemo(() => (value === undefined ? 0 : JSON.stringify(value).length), [value]);
    if (value === undefined || value === null) return <span class="faint mono">null</span>;
    const node = isNode(value);
    const searched = search ?? size > 600;
    return (
        <div class="json" role="group" aria-label={label}>
            <div class={`json-tools${node && searched ? "" : " floating"}`}>
                {node && searched && (
                    <span class="json-search">
                        <Icon name="search" size={13} />
                        <input type="search" value={text} placeholder="Find" aria-label={`Find in ${label}`}
                            onInput={(e) => setText(e.currentTarget.value)} />
                        {text !== "" && <span class="muted" role="status">{found.size}</span>}
                    </span>
                )}
                {node && size > 200 && (
                    <>
                        <Button look="quiet" small onClick={() => setAll((n) => Math.abs(n) + 1)}>Expand all</Button>
                        <Button look="quiet" small onClick={() => setAll((n) => -Math.abs(n) - 1)}>Collapse all</Button>
                    </>
                )}
                <CopyButton text={() => JSON.stringify(value, null, 2)} label={`Copy ${label}`} />
            </div>
            <div class="json-body">
                <Value key={all} value={value} at="" level={0} found={found} searching={text !== ""}
                    open={all > 0 ? 99 : all < 0 ? 0 : open} />
            </div>
        </div>
    );
}

interface Place {
    at: string;
    level: number;
    open: number;
    found: ReadonlySet<string>;
    searching: boolean;
}

function Value({ value, ...p }: Place & { value: Json }) {
    if (!isNode(value)) return <Leaf value={value} hit={p.found.has(p.at)} />;
    return <Node value={value} {...p} />;
}

function Node({ value, ...p }: Place & { value: Json[] | { [name: string]: Json } }) {
    const [folded, setFolded] = useState<boolean | null>(null);
    const [shown, setShown] = useState(manyMembers);
    const members = entriesOf(value);
    const holdsHit = p.searching && [...p.found].some((f) => f.startsWith(`${p.at}/`));
    const closed = holdsHit ? false : (folded ?? p.level >= p.open);
    const list = Array.isArray(value);
    if (members.length === 0) return <span class="json-plain">{list ? "[]" : "{}"}</span>;
    return (
        <>
            <button type="button" class="json-fold" aria-expanded={!closed} onClick={() => setFolded(!closed)}>
                <Icon name={closed ? "right" : "down"} size={11} />
                <span class="json-preview">{closed ? preview(value) : list ? `[ ${members.length} ]` : "{ }"}</span>
            </button>
            {!closed && (
                <ul>
                    {members.slice(0, shown).map(([name, member]) => {
                        const at = `${p.at}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`;
                        return (
                            <li key={name}>
                                <span class={list ? "json-index" : p.found.has(at) ? "json-name hit" : "json-name"}>{name}</span>
                                <Value value={member} {...p} at={at} level={p.level + 1} />
                            </li>
                        );
                    })}
                    {members.length > shown && (
                        <li>
                            <Button look="quiet" small onClick={() => setShown((n) => n + 10 * manyMembers)}>
                                {`${members.length - shown} more`}
                            </Button>
                        </li>
                    )}
                </ul>
            )}
        </>
    );
}

function Leaf({ value, hit }: { value: null | boolean | number | string; hit: boolean }) {
    const [whole, setWhole] = useState(false);
    const mark = hit ? " hit" : "";
    if (value === "***") {
        return <span class="json-secret" title="Secrets are never shown"><Icon name="lock" size={11} /> hidden</span>;
    }
    if (typeof value !== "string") return <span class={`json-${value === null ? "null" : typeof value}${mark}`}>{String(value)}</span>;
    if (value === "") return <span class={`json-plain${mark}`}>""</span>;
    const cut = value.length > longText && !whole;
    return (
        <span class={`json-string${mark}`}>
            {cut ? value.slice(0, longText) : value}
            {cut && <Button look="quiet" small onClick={() => setWhole(true)}>{`… ${value.length - longText} more`}</Button>}
        </span>
    );
}
