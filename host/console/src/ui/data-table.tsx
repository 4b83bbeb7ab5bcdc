// SPDX-License-Identifier: Apache-2.0
// A table of any length: only the rows in sight exist. Arrow keys, Page Up/Down, Home and End move,
// Enter opens, Space selects; the next page is asked for when the end comes near. On narrow screens
// a row may be drawn as a whole by `narrow`.
import {
    elementScroll, observeElementOffset, observeElementRect, Virtualizer,
} from "@tanstack/virtual-core";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Column<Row> {
    id: string;
    title: ComponentChildren;
    width: string; // of a grid track: "8rem", "minmax(10rem, 2fr)"
    cell: (row: Row) => ComponentChildren;
    align?: "end";
    wide?: boolean; // left out where there is little room
}

export interface DataTableProps<Row> {
    label: string;
    columns: Column<Row>[];
    rows: Row[];
    id: (row: Row) => string;
    href?: (row: Row) => string;
    onOpen?: (row: Row) => void; // instead of href
    narrow?: (row: Row) => ComponentChildren;
    rowHeight?: number;
    narrowHeight?: number;
    selected?: ReadonlySet<string>;
    onSelect?: (id: string, row: Row) => void; // with it, Space and a box in front of each row
    current?: string; // id of the row that is shown beside the table
    loading?: boolean;
    more?: () => void;
    hasMore?: boolean;
    empty?: ComponentChildren;
    onTop?: (atTop: boolean) => void;
    height?: string; // CSS; without it the table takes what the page leaves
    total?: number; // rows there are in all, where known
}

function useVirtual(scroller: RefObject<HTMLDivElement>, count: number, size: number, keyAt: (i: number) => string) {
    const [, again] = useState(0);
    const options = {
        count,
        getScrollElement: () => scroller.current,
        estimateSize: () => size,
        overscan: 8,
        getItemKey: keyAt,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        initialRect: { width: 1000, height: 600 },
        onChange: () => again((n) => n + 1),
    };
    const ref = useRef<Virtualizer<HTMLDivElement, Element>>();
    ref.current ??= new Virtualizer<HTMLDivElement, Element>(options);
    const v = ref.current;
    v.setOptions(options);
    useLayoutEffect(() => v._didMount(), []);
    useLayoutEffect(() => v._willUpdate());
    useLayoutEffect(() => v.measure(), [size]);
    return v;
}

// Room for rows as a whole only, for the columns that matter most, or for all.
type Room = "narrow" | "some" | "all";
const roomOf = (width: number): Room => (width < 640 ? "narrow" : width < 820 ? "some" : "all");

function useRoom(ref: RefObject<HTMLDivElement>): Room {
    const [room, setRoom] = useState<Room>(() => roomOf(innerWidth < 720 ? 0 : innerWidth));
    useLayoutEffect(() => {
        const watch = new ResizeObserver(([e]) => { if (e) setRoom(roomOf(e.contentRect.width)); });
        watch.observe(ref.current!);
        return () => watch.disconnect();
    }, []);
    return room;
}

export function DataTable<Row>(p: DataTableProps<Row>) {
    const scroller = useRef<HTMLDivElement>(null);
    const base = useId();
    const room = useRoom(scroller);
    const narrow = room === "narrow" && p.narrow !== undefined;
    const size = narrow ? (p.narrowHeight ?? 76) : (p.rowHeight ?? 46);
    const [activeKey, setActiveKey] = useState<string | null>(null);
    const keyAt = (i: number) => (p.rows[i] ? p.id(p.rows[i]) : String(i));
    const v = useVirtual(scroller, p.rows.length, size, keyAt);
    const items = v.getVirtualItems();
    const activeAt = activeKey === null ? -1 : p.rows.findIndex((r) => p.id(r) === activeKey);

    const lastSeen = items.length > 0 ? items[items.length - 1]!.index : -1;
    useEffect(() => {
        if (p.hasMore && !p.loading && lastSeen >= p.rows.length - 12) p.more?.();
    }, [lastSeen, p.hasMore, p.loading, p.rows.length]);

    const wasTop = useRef(true);
    const onScroll = () => {
        const top = scroller.current!.scrollTop < 4;
        if (top !== wasTop.current) {
            wasTop.current = top;
            p.onTop?.(top);
        }
    };

    const open = (row: Row) => {
        if (p.onOpen) p.onOpen(row);
        else if (p.href) location.hash = p.href(row);
    };
    const move = (to: number) => {
        const i = Math.max(0, Math.min(p.rows.length - 1, to));
        const row = p.rows[i];
        if (row === undefined) return;
        setActiveKey(p.id(row));
        v.scrollToIndex(i, { align: "auto" });
    };
    const onKeyDown = (e: KeyboardEvent) => {
        if (e.target !== e.currentTarget || e.altKey || e.ctrlKey || e.metaKey) return;
        const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / size) - 2);
        const to = {
            ArrowDown: activeAt + 1, ArrowUp: activeAt - 1, j: activeAt + 1, k: activeAt - 1,
            PageDown: activeAt + page, PageUp: activeAt - page, Home: 0, End: p.rows.length - 1,
        }[e.key];
        const row = p.rows[activeAt];
        if (to !== undefined) move(to);
        else if (e.key === "Enter" && row !== undefined) open(row);
        else if (e.key === " " && row !== undefined && p.onSelect) p.onSelect(p.id(row), row);
        else return;
        e.preventDefault();
    };

    const columns = room === "all" ? p.columns : p.columns.filter((c) => !c.wide);
    const template = (p.onSelect ? "2.25rem " : "") + columns.map((c) => c.width).join(" ");
    const grid = narrow ? undefined : { gridTemplateColumns: template };
    const before = items.length > 0 ? items[0]!.start : 0;
    return (
        <div class={`table${narrow ? " narrow" : ""}${p.height ? "" : " fill"}`}
            style={p.height ? { maxHeight: p.height } : undefined}>
            <div class={`table-scroller${p.rows.length === 0 ? " none" : ""}`} ref={scroller} role="grid" tabIndex={0} aria-label={p.label}
                aria-rowcount={p.total ?? (p.hasMore ? -1 : p.rows.length + 1)} aria-busy={p.loading || undefined}
                aria-multiselectable={p.onSelect ? true : undefined}
                aria-activedescendant={activeAt >= 0 ? `${base}-${activeAt}` : undefined}
                onKeyDown={onKeyDown} onScroll={onScroll}
                onFocus={(e) => {
                    if (e.target === e.currentTarget && activeAt < 0 && p.rows[0]) setActiveKey(p.id(p.rows[0]));
                }}>
                <div class="table-head" role="row" style={grid} aria-rowindex={1}>
                    {p.onSelect && <div role="columnheader"><span class="visually-hidden">Selected</span></div>}
                    {columns.map((c) => (
                        <div key={c.id} role="columnheader"
                            class={c.align === "end" ? "end" : ""}>
                            {c.title}
                        </div>
                    ))}
                </div>
                <div class="table-space" role={p.rows.length > 0 ? "rowgroup" : "presentation"} style={{ height: `${v.getTotalSize()}px` }}>
                    <div class="table-window" role="presentation" style={{ transform: `translateY(${before}px)` }}>
                        {items.map((item) => {
                            const row = p.rows[item.index];
                            if (row === undefined) return null;
                            const key = p.id(row);
                            const chosen = p.selected?.has(key);
                            const state = (item.index === activeAt ? " active" : "") + (chosen ? " selected" : "") +
                                (key === p.current ? " current" : "") + (p.href || p.onOpen ? " opens" : "");
                            return (
                                <div key={key} id={`${base}-${item.index}`} role="row" class={`table-row${state}`}
                                    style={{ ...grid, height: `${size}px` }} aria-rowindex={item.index + 2}
                                    aria-selected={p.onSelect ? Boolean(chosen) : undefined}
                                    onClick={(e) => {
                                        if ((e.target as Element).closest("a,button,input,label")) return;
                                        if (getSelection()?.toString()) return; // text is being marked
                                        setActiveKey(key);
                                        open(row);
                                    }}>
                                    {p.onSelect && (
                                        <div role="gridcell" class="select-cell">
                                            <input type="checkbox" checked={chosen} tabIndex={-1} aria-label={`Select ${key}`}
                                                onChange={() => p.onSelect!(key, row)} />
                                        </div>
                                    )}
                                    {narrow
                                        ? <div role="gridcell" class="narrow-cell">{p.narrow!(row)}</div>
                                        : columns.map((c) => (
                                            <div key={c.id} role="gridcell"
                                                class={c.align === "end" ? "end" : ""}>
                                                {c.cell(row)}
                                            </div>
                                        ))}
                                </div>
                            );
                        })}
                    </div>
                </div>
            </div>
            {p.rows.length === 0 && (
                <div class="table-none">
                    {p.loading
                        ? <div class="table-bones">{Array.from({ length: 8 }, (_, i) => <span key={i} class="bone" />)}</div>
                        : p.empty}
                </div>
            )}
        </div>
    );
}
