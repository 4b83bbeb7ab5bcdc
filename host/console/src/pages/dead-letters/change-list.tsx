// SPDX-License-Identifier: Apache-2.0
// What a change does, member by member: before and after.
import type { Json } from "../../api";
import type { Change } from "../../form/change";

const shown = (v: Json | undefined) => (v === undefined ? "" : typeof v === "string" ? v : JSON.stringify(v));

export function ChangeList({ changes }: { changes: Change[] }) {
    if (changes.length === 0) return <p class="muted">No changes yet.</p>;
    return (
        <ul class="changes" aria-label="Changes">
            {changes.map((c) => (
                <li key={c.pointer}>
                    <code class="change-place">{c.pointer || "/"}</code>
                    {c.what !== "added" && <del aria-label={`before: ${shown(c.before) || "empty"}`}>
                        {shown(c.before) || "empty"}</del>}
                    {c.what !== "removed" && <ins aria-label={`after: ${shown(c.after) || "empty"}`}>
                        {shown(c.after) || "empty"}</ins>}
                    {c.what === "removed" && <span class="muted">removed</span>}
                </li>
            ))}
        </ul>
    );
}
