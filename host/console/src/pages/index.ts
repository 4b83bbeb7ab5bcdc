// SPDX-License-Identifier: Apache-2.0
// The pages by the first part of their address. Each is a module of its own that is loaded when it
// is first wanted; it gets the other parts of the address as `path`.
import type { ComponentType } from "preact";

import type { IconName } from "../ui/icon";

export interface PageProps { path: string[] }
export interface PageEntry {
    id: string; // first part of the address; "" is the overview
    title: string;
    icon: IconName;
    key: string; // "g" and this key go there
    load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export const pages: PageEntry[] = [
    { id: "", title: "Overview", icon: "overview", key: "o", load: () => import("./overview") },
    { id: "runs", title: "Runs", icon: "runs", key: "r", load: () => import("./runs") },
    { id: "dead-letters", title: "Dead letters", icon: "letters", key: "l", load: () => import("./dead-letters") },
    { id: "connections", title: "Connections", icon: "connections", key: "c", load: () => import("./connections") },
    { id: "events", title: "Events", icon: "events", key: "e", load: () => import("./events") },
    { id: "links", title: "Links", icon: "link", key: "i", load: () => import("./links") },
    { id: "ledger", title: "Ledger", icon: "ledger", key: "a", load: () => import("./ledger") },
    { id: "plugins", title: "Plugins", icon: "plugins", key: "p", load: () => import("./plugins") },
    { id: "settings", title: "Settings", icon: "settings", key: "s", load: () => import("./settings") },
];
