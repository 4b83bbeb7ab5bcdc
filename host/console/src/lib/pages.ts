// SPDX-License-Identifier: Apache-2.0
// Rows of a list that comes by pages and is kept current by what is pushed. Pure.

export interface Paged<Row> {
    rows: Row[];
    next: string | null; // cursor of the page behind the last row; null: that was all
    fresh: Row[]; // pushed rows that are not shown yet, newest first
}

export const noRows = <Row>(): Paged<Row> => ({ rows: [], next: null, fresh: [] });

// A page behind what is there. A row that is there already (it moved between two pages) stays once.
export function withPage<Row>(
    list: Paged<Row>, page: { rows: Row[]; next: string | null }, id: (row: Row) => string,
): Paged<Row> {
    const known = new Set(list.rows.map(id));
    return {
        rows: [...list.rows, ...page.rows.filter((r) => !known.has(id(r)))],
        next: page.next,
        fresh: list.fresh,
    };
}

// A row whose state changed: shown rows change in place or leave when they fit no more; new rows wait
// in `fresh` (so that nothing jumps under the pointer) unless `atTop` says that nobody would notice.
export function withPush<Row>(
    list: Paged<Row>, row: Row,
    how: { id: (row: Row) => string; fits: boolean; atTop: boolean; most?: number },
): Paged<Row> {
    const { id, fits, atTop, most = 500 } = how;
    const key = id(row);
    const at = list.rows.findIndex((r) => id(r) === key);
    if (at >= 0) {
        const rows = list.rows.slice();
        if (fits) rows[at] = row;
        else rows.splice(at, 1);
        return { ...list, rows };
    }
    const fresh = list.fresh.filter((r) => id(r) !== key);
    if (!fits) return fresh.length === list.fresh.length ? list : { ...list, fresh };
    if (atTop) return { ...list, rows: [row, ...list.rows], fresh };
    return { ...list, fresh: [row, ...fresh].slice(0, most) };
}

export function showFresh<Row>(list: Paged<Row>): Paged<Row> {
    return { ...list, rows: [...list.fresh, ...list.rows], fresh: [] };
}
