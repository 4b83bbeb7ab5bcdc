// SPDX-License-Identifier: Apache-2.0
import { api, type Plugin } from "../../api";
import { useFilters, useLive, useQuery } from "../../hooks";
import { plural } from "../../lib/format";
import { href } from "../../lib/query";
import {
    Badge, type Column, DataTable, Empty, ErrorBox, FilterBar, PageHead, SearchFilter, SelectFilter, type Tone,
} from "../../ui";

export const pluginTones: Record<string, Tone> = { loaded: "ok", refused: "bad", retired: "calm" };

export function PluginBadge({ of: p }: { of: Pick<Plugin, "state" | "refusal"> }) {
    return <Badge tone={pluginTones[p.state] ?? "calm"} icon={p.state === "loaded" ? "check" : p.state === "refused" ? "cross" : "slash"}
        title={p.refusal}>{p.state}</Badge>;
}

export const fileName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

function offers(p: Plugin): string {
    const c = p.connectors ?? [];
    const parts = [
        ...c.map((x) => `${plural(x.operations, "operation")}, ${plural(x.triggers, "trigger")}`),
        ...(p.flows?.length ? [plural(p.flows.length, "flow")] : []),
    ];
    return parts.join("; ");
}

export function PluginList() {
    const { values, set, clear, active } = useFilters(["q", "kind"] as const);
    const list = useQuery("plugins", async (signal) => (await api.plugins.list(signal)).rows);
    useLive("config", () => list.reload());
    const q = values.q.toLowerCase();
    const rows = (list.data ?? [])
        .filter((p) => values.kind === "" || p.kinds.includes(values.kind) || p.state === values.kind)
        .filter((p) => `${p.id} ${p.title} ${p.vendor} ${p.file}`.toLowerCase().includes(q))
        .sort((a, b) => Number(b.state === "refused") - Number(a.state === "refused") || a.id.localeCompare(b.id));
    const columns: Column<Plugin>[] = [
        {
            id: "id", title: "Plugin", width: "minmax(13rem, 2fr)",
            cell: (p) => <>
                <a href={href("plugins", p.id)} class="two-first" title={p.id}>{p.title || p.id || fileName(p.file)}</a>
                <span class="two-second">{p.id}</span>
            </>,
        },
        { id: "state", title: "State", width: "7rem", cell: (p) => <PluginBadge of={p} /> },
        { id: "version", title: "Version", width: "5rem", cell: (p) => p.version },
        { id: "kinds", title: "Kind", width: "6.5rem", wide: true, cell: (p) => p.kinds.join(", ") },
        { id: "offers", title: "Provides", width: "minmax(11.5rem, 1.2fr)", cell: (p) => p.refusal || offers(p) },
        { id: "abi", title: "ABI", width: "3.5rem", wide: true, cell: (p) => p.abi },
        {
            id: "file", title: "File", width: "minmax(9rem, 1.2fr)", wide: true,
            cell: (p) => <code title={p.file}>{fileName(p.file)}</code>,
        },
    ];
    return (
        <>
            <PageHead title="Plugins" lead="The connectors and flows this host found in its plugin folders." />
            <FilterBar active={active} onClear={clear} summary={list.data && plural(rows.length, "plugin")}>
                <SearchFilter value={values.q} placeholder="Id, title, vendor or file" onChange={(v) => set({ q: v })} />
                <SelectFilter label="Show" value={values.kind} onChange={(kind) => set({ kind })} any="all"
                    options={[{ value: "connector", label: "connectors" }, { value: "flow", label: "flows" },
                        { value: "refused", label: "refused" }]} />
            </FilterBar>
            {list.error !== undefined && <ErrorBox error={list.error} retry={list.reload} />}
            <DataTable label="Plugins" columns={columns} rows={rows} id={(p) => p.id + p.file}
                href={(p) => href("plugins", p.id)} loading={list.loading && !list.data} rowHeight={56}
                narrow={(p) => <>
                    <span class="narrow-line"><a href={href("plugins", p.id)}>{p.id || fileName(p.file)}</a><PluginBadge of={p} /></span>
                    <span class="muted">{[p.version, p.kinds.join(", "), p.refusal || offers(p)].filter(Boolean).join(" · ")}</span>
                </>}
                empty={active > 0 ? <Empty icon="search" title="No plugin matches" />
                    : <Empty icon="plugins" title="No plugin found">
                        <p>Plugins are shared libraries in the folders of <code>plugins.paths</code>.</p></Empty>} />
        </>
    );
}
