// SPDX-License-Identifier: Apache-2.0
// Signing in: with a token, or with the code in the address that `mortise console` opens.
import { useEffect, useState } from "preact/hooks";

import { ApiError, api } from "../api";
import { href } from "../lib/query";
import { go, place, session, sessionEnded } from "../state";
import { Button, ErrorBox, Notice, TextField } from "../ui";
import { Mark } from "../shell-mark";

export default function Login() {
    const [token, setToken] = useState("");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const enter = async (how: Promise<NonNullable<typeof session.value>>) => {
        setBusy(true);
        setError(null);
        try {
            const s = await how;
            const back = place.value.query.back;
            if (place.value.path[0] === "login") go(back?.startsWith("#/") ? back : href());
            sessionEnded.value = false;
            session.value = s;
        } catch (e) {
            setError(e instanceof ApiError && e.status === 401
                ? new Error("Unknown or expired token or code. A code works once, within two minutes.")
                : e);
            setBusy(false);
        }
    };
    const code = place.value.path[0] === "login" ? place.value.query.code : undefined;
    useEffect(() => {
        document.title = "Sign in · Mortise";
        if (code) void enter(api.session.withCode(code));
    }, [code]);
    return (
        <main class="login">
            <form class="login-card" onSubmit={(e) => { e.preventDefault(); void enter(api.session.withToken(token.trim())); }}>
                <Mark size={44} />
                <h1>Mortise</h1>
                <p class="muted">Sign in to this host.</p>
                <TextField label="Token" type="password" value={token} onInput={setToken} mono autofocus
                    autocomplete="current-password" placeholder="mrt_…" />
                {sessionEnded.value && error === null && <Notice icon="clock"><p>Your session has ended. Sign in again to continue where you were.</p></Notice>}
                {error !== null && <ErrorBox error={error} />}
                <Button type="submit" look="primary" busy={busy} disabled={token.trim() === ""}>Sign in</Button>
                <p class="login-hint">
                    On the host itself, <code>mortise console</code> prints a link that signs you in.
                    <code>mortise tokens create</code> creates a token.
                </p>
            </form>
        </main>
    );
}
