// SPDX-License-Identifier: Apache-2.0
// A modal dialog: the browser's own element keeps the focus inside, closes on Escape and gives the
// focus back to where it was.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { messageOf } from "../lib/problem";
import { Button } from "./button";
import { TextField } from "./field";
import { ErrorBox } from "./states";

export function Dialog({ title, wide, onClose, children, footer }: {
    title: string; wide?: boolean; onClose: () => void; children: ComponentChildren;
    footer?: ComponentChildren;
}) {
    const ref = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const d = ref.current!;
        const before = document.activeElement;
        d.showModal();
        return () => {
            d.close();
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return (
        <dialog ref={ref} class={`dialog${wide ? " wide" : ""}`} aria-labelledby={id}
            onCancel={(e) => { e.preventDefault(); onClose(); }}
            onMouseDown={(e) => { if (e.target === ref.current) onClose(); }}>
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2 id={id}>{title}</h2>
                    <Button look="quiet" icon="close" label="Close" onClick={onClose} />
                </header>
                <div class="dialog-content">{children}</div>
                {footer && <footer class="dialog-foot">{footer}</footer>}
            </div>
        </dialog>
    );
}

// Asks before something is done; with `reason`, for a reason that is noted. `act` may refuse by
// throwing: the dialog stays and says why.
export function Confirm({ title, children, action, keep = "Cancel", danger, reason, act, onClose }: {
    title: string; children?: ComponentChildren; action: string; danger?: boolean;
    keep?: string; // of the button that does nothing, where "Cancel" could be taken for the action
    reason?: "needed" | "optional"; act: (reason: string) => Promise<unknown>; onClose: () => void;
}) {
    const [text, setText] = useState("");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const submit = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        try {
            await act(text.trim());
            onClose();
        } catch (x) {
            setError(new Error(messageOf(x)));
            setBusy(false);
        }
    };
    const missing = reason === "needed" && text.trim() === "";
    const form = useId();
    return (
        <Dialog title={title} onClose={onClose} footer={
            <>
                <Button onClick={onClose}>{keep}</Button>
                <button type="submit" form={form} disabled={busy || missing}
                    class={`button ${danger ? "danger" : "primary"}`} aria-busy={busy || undefined}>
                    {busy && <span class="spinner" aria-hidden="true" />}
                    <span>{action}</span>
                </button>
            </>}>
            <form id={form} onSubmit={submit} class="stack">
                {children && <div class="prose">{children}</div>}
                {reason && (
                    <TextField label="Reason" value={text} onInput={setText} autofocus
                        required={reason === "needed"}
                        hint="Recorded in the ledger with your name and the time." />
                )}
                {error !== null && <ErrorBox error={error} />}
            </form>
        </Dialog>
    );
}
