// SPDX-License-Identifier: Apache-2.0
// What came in: search, and one event with the runs it began.
import { api, type Event } from "../api";
import { useFilters, usePages, useQuery } from "../hooks";
import { href } from "../lib/query";
import { backTo } from "../state";
import {
    Answer, Badge, Card, type Column, CopyButton, DataTable, Empty, ErrorBox, Facts, FilterBar, JsonView,
    PageHead, SearchFilter, StateBadge, TextFilter, Time,
} from "../ui";
import type { PageProps } from "./index";

export default function Events({ path }: PageProps) {
    return path[0] === undefined ? <EventList /> : <EventPage key={path[0]} id={path[0]} />;
}

const columns: Column<Event>[] = [
    { id: "at", title: "Accepted", width: "9rem", cell: (e) => <Time at={e.accepted_at} as="clock" /> },
    {
        id: "type", title: "Type", width: "minmax(12rem, 1.4fr)",
        cell: (e) => <a href={href("events", e.ref)}>{e.type}</a>,
    },
    { id: "subject", title: "Subject", width: "minmax(9rem, 1.2fr)", cell: (e) => e.subject || "–" },
    { id: "source", title: "Source", width: "minmax(9rem, 1fr)", wide: true, cell: (e) => <code>{e.source}</code> },
    { id: "via", title: "Received via", width: "7.5rem", cell: (e) => <Badge>{e.via}</Badge> },
];

function EventList() {
    const { values, set, clear, active } = useFilters(["type", "source", "subject"] as const);
    const key = JSON.stringify(values);
    const list = usePages<Event>(`events ${key}`,
        (cursor, signal) => api.events.list({ ...values, cursor, limit: 100 }, signal), (e) => e.ref);
    return (
        <>
            <PageHead title="Events" lead="Every accepted event, newest first. Events are stored before they are acknowledged." />
            <FilterBar active={active} onClear={clear}>
                <SearchFilter label="Subject" value={values.subject} placeholder="Subject"
                    onChange={(subject) => set({ subject })} />
                <TextFilter label="Type" value={values.type} onChange={(type) => set({ type })} />
                <TextFilter label="Source" placeholder="Source" value={values.source}
                    onChange={(source) => set({ source })} />
            </FilterBar>
            {list.error !== undefined && <ErrorBox error={list.error} retry={list.reload} />}
            <DataTable label="Events" columns={columns} rows={list.rows} id={(e) => e.ref}
                href={(e) => href("events", e.ref)} loading={list.loading} more={list.more} hasMore={list.next !== null}
                narrow={(e) => <>
                    <span class="narrow-line"><a href={href("events", e.ref)}>{e.type}</a><Badge>{e.via}</Badge></span>
                    <span class="narrow-line"><span class="muted">{e.subject}</span><Time at={e.accepted_at} as="clock" /></span>
                </>}
                empty={active > 0 ? <Empty icon="search" title="No event matches" />
                    : <Empty icon="events" title="No event yet"><p>Events arrive by webhook, poll, stream, schedule or request.</p></Empty>} />
        </>
    );
}

function EventPage({ id }: { id: string }) {
    const asked = useQuery(`event ${id}`, (signal) => api.events.show(id, signal));
    return (
        <>
            <PageHead title={asked.data?.type ?? "Event"} back={{ href: backTo("events"), text: "Events" }}
                lead={asked.data && <>{asked.data.subject} <Badge>{asked.data.via}</Badge></>} />
            <Answer of={asked} lines={6}>
                {(e) => <>
                    <Card>
                        <Facts columns={2} of={[
                            ["Id", <code>{e.id}</code>],
                            ["Source", <code>{e.source}</code>],
                            ["Subject", e.subject && <span>{e.subject} <CopyButton text={e.subject} label="Copy subject" /></span>],
                            ["Occurred", e.time ? <Time at={e.time} as="absolute" /> : ""],
                            ["Accepted", <Time at={e.accepted_at} as="absolute" />],
                            ["Reference", <code>{e.ref}</code>],
                            ["Trace", e.trace_parent && <code>{e.trace_parent}</code>],
                        ]} />
                    </Card>
                    <Card title="Data"><JsonView value={e.data} label="event data" open={3} /></Card>
                    <Card title="Runs" flush>
                        <DataTable label="Runs of this event" rows={e.runs} id={(r) => r.id} height="24rem"
                            href={(r) => href("runs", r.id)}
                            columns={[
                                { id: "state", title: "State", width: "8rem", cell: (r) => <StateBadge state={r.state} /> },
                                { id: "flow", title: "Flow", width: "minmax(8rem, 1fr)", cell: (r) => <a href={href("runs", r.id)}>{r.flow}</a> },
                                { id: "key", title: "Key", width: "minmax(7rem, 1fr)", cell: (r) => r.key },
                                { id: "at", title: "Updated", width: "7rem", cell: (r) => <Time at={r.updated_at} /> },
                            ]}
                            empty={<Empty icon="runs" title="No flow subscribes to this event" />} />
                    </Card>
                </>}
            </Answer>
        </>
    );
}
