// SPDX-License-Identifier: Apache-2.0
// Short notices of what was done, read out by screen readers; refusals stay until they are closed.
import { signal } from "@preact/signals";

import { messageOf } from "../lib/problem";
import { Button } from "./button";
import { Icon } from "./icon";

interface Toast { id: number; bad: boolean; text: string; link?: { href: string; text: string } }
const toasts = signal<Toast[]>([]);
let last = 0;

const drop = (id: number) => { toasts.value = toasts.value.filter((t) => t.id !== id); };

export function toast(text: string, link?: Toast["link"]) {
    const id = ++last;
    toasts.value = [...toasts.value.slice(-3), { id, bad: false, text, link }];
    setTimeout(() => drop(id), 6_000);
}
export function toastError(e: unknown) {
    toasts.value = [...toasts.value.slice(-3), { id: ++last, bad: true, text: messageOf(e) }];
}

export function Toasts() {
    return (
        <div class="toasts" role="status" aria-live="polite">
            {toasts.value.map((t) => (
                <div key={t.id} class={`toast ${t.bad ? "tone-bad" : "tone-ok"}`}>
                    <Icon name={t.bad ? "warning" : "check"} />
                    <span class="toast-text">{t.text}</span>
                    {t.link && <a href={t.link.href}>{t.link.text}</a>}
                    <Button look="quiet" small icon="close" label="Close" onClick={() => drop(t.id)} />
                </div>
            ))}
        </div>
    );
}
