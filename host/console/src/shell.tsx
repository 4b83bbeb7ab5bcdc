// SPDX-License-Identifier: Apache-2.0
// What stays while pages come and go: navigation, the host's state, theme, who is signed in, keys.
import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";

import { api, onSignedOut } from "./api";
import { plural } from "./lib/format";
import { href } from "./lib/query";
import { isTyping, type Shortcut, ShortcutReader } from "./lib/shortcuts";
import Login from "./pages/login";
import { type PageEntry, type PageProps, pages } from "./pages";
import { Mark } from "./shell-mark";
import { counts, go, health, live, liveState, place, session, sessionEnded, setTheme, theme } from "./state";
import { Button, Dialog, ErrorBox, Icon, Loading, Notice, PageHead } from "./ui";
import { toastError, Toasts } from "./ui/toast";

const themes = [
    { id: "light", icon: "sun", says: "Light" },
    { id: "dark", icon: "moon", says: "Dark" },
    { id: "system", icon: "system", says: "Follow the system" },
] as const;

function pageShortcuts(help: () => void): Shortcut[] {
    return [
        ...pages.map((p) => ({ keys: `g ${p.key}`, says: `Go to ${p.title.toLowerCase()}`, act: () => go(href(...(p.id ? [p.id] : []))) })),
        { keys: "/", says: "Filter or search on this page", act: () => document.querySelector<HTMLElement>("[data-filter=main]")?.focus() },
        { keys: "t", says: "Go to the table", act: () => document.querySelector<HTMLElement>(".table-scroller")?.focus() },
        { keys: "d", says: "Switch between light and dark", act: () => setTheme(isDark() ? "light" : "dark") },
        { keys: "?", says: "Show this list", act: help },
    ];
}
const isDark = () => theme.value === "dark" ||
    (theme.value === "system" && matchMedia("(prefers-color-scheme: dark)").matches);

function Help({ all, onClose }: { all: Shortcut[]; onClose: () => void }) {
    const inTables: [string, string][] = [
        ["↑ ↓", "Move between rows (also k, j)"], ["Enter", "Open the row"], ["Space", "Select the row, where rows can be selected"],
        ["Home End", "First and last row"], ["Esc", "Close a dialog; empty and leave a filter"],
    ];
    const list = (rows: [string, string][]) => (
        <dl class="keys">
            {rows.map(([keys, says]) => (
                <div key={keys}>
                    <dt>{keys.split(" ").map((k) => <kbd key={k}>{k}</kbd>)}</dt>
                    <dd>{says}</dd>
                </div>
            ))}
        </dl>
    );
    return (
        <Dialog title="Keyboard shortcuts" onClose={onClose}>
            {list(all.map((s) => [s.keys, s.says]))}
            <h3>In tables</h3>
            {list(inTables)}
        </Dialog>
    );
}

// Whether what is shown may be out of date: the stream is away for longer than a hiccup.
function useLost(): boolean {
    const away = liveState.value === "connecting" && session.value != null;
    const [lost, setLost] = useState(false);
    useEffect(() => {
        if (!away) return setLost(false);
        const timer = setTimeout(() => setLost(true), 3_000);
        return () => clearTimeout(timer);
    }, [away]);
    return lost;
}

function LostNotice() {
    return (
        <div class="lost" role="status">
            {useLost() && <Notice tone="bad" icon="warning"><p>No connection to the host. What you see may be out of date; reconnecting…</p></Notice>}
        </div>
    );
}

function HostState() {
    const h = health.value;
    const link = liveState.value;
    const lost = useLost();
    const [state, says] = lost ? ["bad", "No connection"] : h === null ? ["calm", "Connecting"]
        : !h.ready ? ["bad", { starting: "Starting", draining: "Draining", ready: "Not ready" }[h.state] ?? "Not ready"]
            : h.informs?.length ? ["doubt", "Needs attention"] : ["ok", "Healthy"];
    const pulse = { live: "Live", polling: "Every 5 s", connecting: lost ? "Reconnecting…" : "Connecting…", off: "Off" }[link];
    const why = lost ? "The host is not responding" : [...(h?.reasons ?? []), ...(h?.informs ?? [])].map((r) => r.message).join("\n") || "Accepting work";
    return (
        <a class="host-state" href={href()} title={why}>
            <span class={`lamp tone-${state}`}><Icon name={state === "ok" ? "check" : state === "bad" ? "cross" : state === "doubt" ? "warning" : "dot"} size={12} /></span>
            <span class="host-state-text">
                <span>{says}</span>
                <span class={`live-word ${link}`}>{pulse}</span>
            </span>
        </a>
    );
}

function Nav({ current, onGo }: { current: string; onGo: () => void }) {
    const letters = counts.value?.dead_letters ?? 0;
    return (
        <nav aria-label="Pages" class="nav">
            {pages.map((p) => (
                <a key={p.id} href={href(...(p.id ? [p.id] : []))} aria-current={p.id === current ? "page" : undefined}
                    onClick={onGo}>
                    <Icon name={p.icon} />
                    <span>{p.title}</span>
                    {p.id === "dead-letters" && letters > 0 && <span class="nav-count" aria-label={plural(letters, "dead letter")}>{letters}</span>}
                </a>
            ))}
        </nav>
    );
}

function Person() {
    const s = session.value;
    if (!s) return null;
    const leave = async () => {
        try {
            await api.session.end();
        } catch (e) {
            toastError(e);
            return;
        }
        session.value = null;
    };
    return (
        <div class="person">
            <div class="theme-choice" role="group" aria-label="Theme">
                {themes.map((t) => (
                    <button key={t.id} type="button" aria-pressed={theme.value === t.id} title={t.says} aria-label={t.says}
                        onClick={() => setTheme(t.id)}>
                        <Icon name={t.icon} size={14} />
                    </button>
                ))}
            </div>
            <div class="person-row">
                <span class="person-name">
                    <strong>{s.who}</strong>
                    <span class="muted">{s.role}</span>
                </span>
                <Button look="quiet" icon="out" label="Sign out" onClick={leave} />
            </div>
        </div>
    );
}

// Modules of pages that were loaded once.
const loaded = new Map<string, ComponentType<PageProps>>();

function PageFrame({ entry, path }: { entry: PageEntry; path: string[] }) {
    const [, again] = useState(0);
    const [error, setError] = useState<unknown>(null);
    const [broken, mend] = useErrorBoundary((e) => console.error(e));
    useEffect(() => {
        setError(null);
        if (loaded.has(entry.id)) return;
        let wanted = true;
        entry.load().then((m) => {
            loaded.set(entry.id, m.default);
            if (wanted) again((n) => n + 1);
        }, (e: unknown) => {
            // After an upgrade the files of the old console are gone.
            if (wanted) setError(new Error(`This page could not be loaded (${e instanceof Error ? e.message : String(e)}). Reload the page.`));
        });
        return () => { wanted = false; };
    }, [entry.id]);
    if (error !== null) return <ErrorBox error={error} retry={() => location.reload()} />;
    if (broken) return <ErrorBox error={broken} retry={mend} />;
    const Page = loaded.get(entry.id);
    return Page ? <Page path={path} /> : <Loading lines={6} />;
}

export function Shell() {
    const [menu, setMenu] = useState(false);
    const [help, setHelp] = useState(false);
    const { path } = place.value;
    const current = path[0] ?? "";
    const entry = pages.find((p) => p.id === current);
    const shortcuts = pageShortcuts(() => setHelp(true));
    const signedIn = session.value != null;

    useEffect(() => {
        onSignedOut(() => {
            if (session.value == null) return;
            sessionEnded.value = true;
            session.value = null;
        });
        api.session.now().then((s) => { session.value = s; }, (e: unknown) => {
            session.value = null;
            if (!(e instanceof Error && "signedOut" in e && e.signedOut)) toastError(e);
        });
    }, []);
    useEffect(() => {
        if (!signedIn) return;
        live.start();
        api.overview().then((o) => {
            counts.value = o.counts;
            health.value = o.health ?? null;
        }, () => { /* the stream or the next poll tells */ });
        return () => live.stop();
    }, [signedIn]);
    useEffect(() => {
        const reader = new ShortcutReader();
        const press = (e: KeyboardEvent) => {
            if (!signedIn || isTyping(e) || document.querySelector("dialog[open]")) return;
            const hit = reader.press(e.key, Date.now(), shortcuts);
            if (!hit) return;
            e.preventDefault();
            hit.act();
        };
        addEventListener("keydown", press);
        return () => removeEventListener("keydown", press);
    }, [signedIn]);
    useEffect(() => {
        if (signedIn && current === "login") go(href()); // the link of `mortise console`, already used
    }, [signedIn, current]);
    // A new page begins at its top, and screen readers hear its heading.
    const address = path.join("/");
    useEffect(() => {
        setMenu(false);
        document.querySelector("main")?.scrollTo(0, 0);
    }, [address]);

    if (session.value === undefined) return <div class="first-wait"><Mark size={44} /></div>;
    if (!signedIn) return <><Login /><Toasts /></>;
    return (
        <div class={`shell${menu ? " menu-open" : ""}`}>
            <a class="skip" href="#content" onClick={(e) => {
                e.preventDefault();
                document.getElementById("content")?.focus();
            }}>Skip to content</a>
            <aside class="side">
                <div class="side-head">
                    <a class="brand" href={href()}><Mark /><span>Mortise</span></a>
                    <Button look="quiet" icon={menu ? "close" : "menu"} label={menu ? "Close menu" : "Menu"} expanded={menu}
                        controls="menu" onClick={() => setMenu(!menu)} />
                </div>
                <div class="side-body" id="menu">
                    <Nav current={current} onGo={() => setMenu(false)} />
                    <div class="side-foot">
                        <HostState />
                        <Person />
                        <Button look="quiet" small icon="keyboard" onClick={() => setHelp(true)}>Keyboard shortcuts</Button>
                    </div>
                </div>
            </aside>
            <main id="content" tabIndex={-1} class="content">
                <LostNotice />
                {entry
                    ? <PageFrame key={entry.id} entry={entry} path={path.slice(1)} />
                    : <PageHead title="Page not found" lead={<>The console has no page at this address. <a href={href()}>Go to the overview</a></>} />}
            </main>
            {help && <Help all={shortcuts} onClose={() => setHelp(false)} />}
            <Toasts />
            <div id="announcer" class="visually-hidden" aria-live="polite" />
        </div>
    );
}
