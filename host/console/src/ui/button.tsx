// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren, JSX } from "preact";

import { Icon, type IconName } from "./icon";

type Look = "primary" | "plain" | "quiet" | "danger";

export interface ButtonProps {
    look?: Look;
    small?: boolean;
    icon?: IconName;
    busy?: boolean;
    disabled?: boolean;
    title?: string;
    type?: "button" | "submit";
    label?: string; // for a button of an icon alone
    pressed?: boolean;
    expanded?: boolean;
    controls?: string;
    autofocus?: boolean;
    onClick?: (e: JSX.TargetedMouseEvent<HTMLButtonElement>) => void;
    children?: ComponentChildren;
}

export function Button(p: ButtonProps) {
    const only = p.children === undefined;
    return (
        <button type={p.type ?? "button"} title={p.title ?? (only ? p.label : undefined)}
            class={`button ${p.look ?? "plain"}${p.small ? " small" : ""}${only ? " only" : ""}`}
            disabled={p.disabled || p.busy} aria-busy={p.busy || undefined} aria-label={p.label}
            aria-pressed={p.pressed} aria-expanded={p.expanded} aria-controls={p.controls}
            autofocus={p.autofocus} onClick={p.onClick}>
            {p.busy ? <span class="spinner" aria-hidden="true" /> : p.icon && <Icon name={p.icon} />}
            {!only && <span>{p.children}</span>}
        </button>
    );
}

// Looks like a button, goes somewhere.
export function ButtonLink({ href, look = "plain", small, icon, download, children }: {
    href: string; look?: Look; small?: boolean; icon?: IconName; download?: string | boolean;
    children: ComponentChildren;
}) {
    return (
        <a href={href} class={`button ${look}${small ? " small" : ""}`} download={download}>
            {icon && <Icon name={icon} />}
            <span>{children}</span>
        </a>
    );
}

export function CopyButton({ text, label = "Copy", small = true }: {
    text: string | (() => string); label?: string; small?: boolean;
}) {
    const copy = async (e: JSX.TargetedMouseEvent<HTMLButtonElement>) => {
        e.stopPropagation();
        const button = e.currentTarget;
        const value = typeof text === "string" ? text : text();
        let said = "Copied";
        try {
            await navigator.clipboard.writeText(value);
        } catch {
            said = "The browser does not allow copying here";
        }
        button.dataset.said = said;
        const live = document.getElementById("announcer");
        if (live) live.textContent = said;
        setTimeout(() => { delete button.dataset.said; }, 1500);
    };
    return (
        <button type="button" class={`button quiet copy${small ? " small" : ""} only`} title={label}
            aria-label={label} onClick={copy}>
            <Icon name="copy" />
        </button>
    );
}
