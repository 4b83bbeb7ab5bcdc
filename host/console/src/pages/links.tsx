// SPDX-License-Identifier: Apache-2.0
// Which object in one system belongs to which in another.
import { api, type Link } from "../api";
import { useFilters, useQuery } from "../hooks";
import { plural } from "../lib/format";
import {
    type Column, DataTable, Dialog, Empty, ErrorBox, Facts, FilterBar, JsonView, PageHead, SearchFilter,
    SelectFilter, Time,
} from "../ui";
import { useState } from "preact/hooks";

const columns: Column<Link>[] = [
    { id: "relation", title: "Relation", width: "minmax(9rem, 1fr)", cell: (l) => l.relation },
    { id: "a", title: "Object", width: "minmax(9rem, 1.4fr)", cell: (l) => <code title={l.a}>{l.a}</code> },
    { id: "b", title: "Linked to", width: "minmax(9rem, 1.4fr)", cell: (l) => <code title={l.b}>{l.b}</code> },
    { id: "at", title: "Updated", width: "7rem", cell: (l) => <Time at={l.updated_at} /> },
];
const keyOf = (l: Link) => `${l.relation} ${l.a}`;

export default function Links() {
    const { values, set, clear, active } = useFilters(["relation", "q"] as const);
    const [open, setOpen] = useState<Link | null>(null);
    const all = useQuery("links all", async (signal) => (await api.links({ limit: 1000 }, signal)).rows);
    const list = useQuery(`links ${values.relation}`, async (signal) => (await api.links(
        { limit: 1000, ...(values.relation ? { relation: values.relation } : {}) }, signal)).rows);
    const q = values.q.toLowerCase();
    const rows = (list.data ?? []).filter((l) => `${l.a} ${l.b}`.toLowerCase().includes(q));
    return (
        <>
            <PageHead title="Links" lead="Which object in one system corresponds to which in another, as recorded by flows." />
            <FilterBar active={active} onClear={clear} summary={list.data && plural(rows.length, "link")}>
                <SearchFilter value={values.q} placeholder="Object" onChange={(v) => set({ q: v })} />
                <SelectFilter label="Relation" value={values.relation} any="all" onChange={(relation) => set({ relation })}
                    options={[...new Set((all.data ?? []).map((l) => l.relation))].sort()} />
            </FilterBar>
            {list.error !== undefined && <ErrorBox error={list.error} retry={list.reload} />}
            <DataTable label="Links" columns={columns} rows={rows} id={keyOf} onOpen={setOpen}
                loading={list.loading && !list.data}
                narrow={(l) => <>
                    <span class="narrow-line"><b>{l.relation}</b><Time at={l.updated_at} /></span>
                    <span class="mono">{l.a} → {l.b}</span>
                </>}
                empty={active > 0 ? <Empty icon="search" title="No link matches" />
                    : <Empty icon="link" title="No link yet"><p>Flows record here which objects belong together.</p></Empty>} />
            {open && (
                <Dialog title={open.relation} wide onClose={() => setOpen(null)}>
                    <div class="stack">
                        <Facts of={[["Object", <code>{open.a}</code>], ["Linked to", <code>{open.b}</code>],
                            ["Updated", <Time at={open.updated_at} as="absolute" />]]} />
                        <JsonView value={open.data} label="data of the link" open={3} />
                    </div>
                </Dialog>
            )}
        </>
    );
}
