// SPDX-License-Identifier: Apache-2.0
// Icons, drawn for this console on a grid of 16; decoration unless they get a title.
const shapes = {
    overview: "M2.5 3.5h4v4h-4zM9.5 8.5h4v4h-4zM6.5 5.5h3.5a1.5 1.5 0 0 1 1.5 1.5v1.5",
    runs: "M2.5 4h7M2.5 8h11M2.5 12h5M12 2.8v2.4M10 10.8v2.4",
    letters: "M2.5 4h11v8.5h-11zM2.5 4.5 8 9l5.5-4.5",
    connections: "M6 5.5V2.5M10 5.5V2.5M4 5.5h8v2.5a4 4 0 0 1-8 0zM8 12v2",
    plugins: "M6.5 2.5h3v2h3.5v3.5h-2v2h2v3.5H3V10H1.9v0M3 10V4.5h3.5",
    events: "M8.8 1.8 3.5 9H8l-.8 5.2L12.5 7H8z",
    ledger: "M4 2.5h8.5v11H4a1.5 1.5 0 0 1 0-3h8.5M4 2.5A1.5 1.5 0 0 0 2.5 4v8M5.5 5.5H10",
    settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
    search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5l3 3",
    close: "M4 4l8 8M12 4l-8 8",
    check: "M3 8.5 6.5 12 13 4.5",
    cross: "M4.5 4.5l7 7M11.5 4.5l-7 7",
    question: "M5.8 6.2a2.2 2.2 0 1 1 3.3 1.9c-.7.4-1.1.8-1.1 1.6M8 12v.1",
    clock: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.2l2 1.3",
    ring: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z",
    play: "M5 3.5v9l7-4.5z",
    pause: "M5.5 3.5v9M10.5 3.5v9",
    slash: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM4.2 11.8l7.6-7.6",
    trash: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
    retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
    edit: "M3 13l.6-2.6L10.7 3.3a1.2 1.2 0 0 1 1.7 0l.3.3a1.2 1.2 0 0 1 0 1.7L5.6 12.4z",
    copy: "M5.5 5.5h7.5V13H5.5zM3 10.5V3h7.5",
    down: "M4 6l4 4 4-4",
    right: "M6 4l4 4-4 4",
    left: "M10 4L6 8l4 4",
    up: "M4 10l4-4 4 4",
    sun: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
    moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
    system: "M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3",
    out: "M6.5 3H3v10h3.5M7 8h6.5M11 5.5 13.5 8 11 10.5",
    menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.1",
    info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.5V11M8 5.2v.1",
    lock: "M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2",
    external: "M6.5 3.5H3v9.5h9.5V9.5M9 3h4v4M13 3 7.5 8.5",
    download: "M8 2.5v7.5M5 7l3 3 3-3M3 13h10",
    flow: "M2.5 8h3M10.5 8h3M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z",
    keyboard: "M1.8 4h12.4v8H1.8zM4 6.5h.1M6.5 6.5h.1M9 6.5h.1M11.5 6.5h.1M5 9.5h6",
    link: "M6.8 9.2 9.2 6.8M7.2 4.8l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.8 11.2l-1 1a2.8 2.8 0 0 1-4-4l1-1",
    dot: "M8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 16, title }: { name: IconName; size?: number; title?: string }) {
    return (
        <svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none"
            stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
            aria-hidden={title ? undefined : "true"} role={title ? "img" : undefined}
            aria-label={title}>
            <path d={shapes[name]} />
        </svg>
    );
}
