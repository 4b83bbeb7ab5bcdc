// SPDX-License-Identifier: Apache-2.0
// Who may sign in, and as what. A token's text is shown once; the host keeps its hash only.
import { useState } from "preact/hooks";

import { api, type NewToken, type Role, type Token } from "../../api";
import { useQuery } from "../../hooks";
import { plural } from "../../lib/format";
import { may } from "../../state";
import {
    Answer, Badge, Button, type Column, Confirm, CopyButton, DataTable, Dialog, Empty, ErrorBox, Notice, Select,
    TextField, Time, toast,
} from "../../ui";
import { RoleButton, RoleNotice } from "../../ui/allowed";

const says: Record<Role, string> = {
    viewer: "Viewer: can view everything",
    operator: "Operator: can also retry, edit, discard, pause and test",
    admin: "Admin: can also reload and manage tokens",
};

export function Tokens() {
    const [making, setMaking] = useState(false);
    const [revoking, setRevoking] = useState<Token | null>(null);
    if (!may("admin")) return <RoleNotice role="admin" to="manage tokens" />;
    return <TokenList making={making} setMaking={setMaking} revoking={revoking} setRevoking={setRevoking} />;
}

function TokenList({ making, setMaking, revoking, setRevoking }: {
    making: boolean; setMaking: (on: boolean) => void; revoking: Token | null; setRevoking: (t: Token | null) => void;
}) {
    const list = useQuery("tokens", async (signal) => (await api.tokens.list(signal)).rows);
    const columns: Column<Token>[] = [
        { id: "name", title: "Name", width: "minmax(8rem, 1.3fr)", cell: (t) => <b>{t.name}</b> },
        { id: "role", title: "Role", width: "7rem", cell: (t) => <Badge tone={t.role === "admin" ? "doubt" : t.role === "operator" ? "run" : "calm"}>{t.role}</Badge> },
        { id: "made", title: "Created", width: "8rem", wide: true, cell: (t) => t.source === "configuration" ? "in configuration" : <Time at={t.created_at} /> },
        { id: "used", title: "Last used", width: "7.5rem", cell: (t) => <Time at={t.last_used_at} none="never" /> },
        { id: "ends", title: "Expires", width: "8rem", cell: (t) => <Time at={t.expires_at} none="never" as="clock" /> },
        { id: "act", title: <span class="visually-hidden">Actions</span>, width: "7rem", align: "end", cell: (t) => <Revoke of={t} ask={setRevoking} /> },
    ];
    return (
        <div class="stack">
            <div class="verification-row">
                <p class="muted">{list.data ? plural(list.data.length, "token") : ""}</p>
                <RoleButton role="admin" look="primary" icon="lock" onClick={() => setMaking(true)}>Create token</RoleButton>
            </div>
            <Answer of={list}>
                {(rows) => (
                    <DataTable label="Tokens" columns={columns} rows={rows} id={(t) => t.name} height="32rem" narrowHeight={104}
                        narrow={(t) => <>
                            <span class="narrow-line"><b>{t.name}</b><Badge>{t.role}</Badge></span>
                            <span class="muted">last used <Time at={t.last_used_at} none="never" /></span>
                            <span><Revoke of={t} ask={setRevoking} /></span>
                        </>}
                        empty={<Empty icon="lock" title="No token yet"><p>On the host itself, sign in with <code>mortise console</code>.</p></Empty>} />
                )}
            </Answer>
            {making && <MakeToken onDone={list.reload} onClose={() => setMaking(false)} />}
            {revoking && (
                <Confirm title={`Revoke ${revoking.name}`} action="Revoke" danger onClose={() => setRevoking(null)}
                    act={async () => {
                        await api.tokens.remove(revoking.name);
                        toast(`Token ${revoking.name} revoked.`);
                        list.reload();
                    }}>
                    <p>Everyone using it is signed out at once. This cannot be undone.</p>
                </Confirm>
            )}
        </div>
    );
}

function Revoke({ of: t, ask }: { of: Token; ask: (t: Token) => void }) {
    if (t.source === "configuration")
        return <Button small disabled title="Defined in the configuration: remove it there, then reload">Revoke</Button>;
    return <Button small look="danger" title={`Revoke ${t.name}`} onClick={() => ask(t)}>Revoke</Button>;
}

function MakeToken({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
    const [name, setName] = useState("");
    const [role, setRole] = useState<Role>("viewer");
    const [until, setUntil] = useState("");
    const [made, setMade] = useState<NewToken | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const wrong = name === "" || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? "" : "letters, digits, dots, dashes";
    const make = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        try {
            setMade(await api.tokens.make({
                name, role, ...(until ? { expires_at: Date.parse(`${until}T23:59:59Z`) } : {}),
            }));
            onDone();
        } catch (x) {
            setError(x);
        } finally {
            setBusy(false);
        }
    };
    if (made) return (
        <Dialog title={`Token ${made.name}`} onClose={onClose}
            footer={<Button look="primary" onClick={onClose}>Done</Button>}>
            <div class="stack">
                <Notice tone="doubt" icon="warning"><p>Copy it now: it is shown only once. The host keeps only its hash.</p></Notice>
                <p class="token-text"><code data-token>{made.token}</code><CopyButton text={made.token} label="Copy token" /></p>
            </div>
        </Dialog>
    );
    return (
        <Dialog title="Create token" onClose={onClose} footer={<>
            <Button onClick={onClose}>Cancel</Button>
            <button type="submit" form="make-token" class="button primary" disabled={busy || name === "" || wrong !== ""}>
                <span>Create</span></button>
        </>}>
            <form id="make-token" class="stack" onSubmit={(e) => void make(e)}>
                <TextField label="Name" value={name} onInput={setName} required autofocus problem={wrong}
                    hint="Of the person or program; shown in the ledger next to what they do." />
                <Select label="Role" value={role} onChange={(r) => setRole(r as Role)}
                    options={(["viewer", "operator", "admin"] as const).map((r) => ({ value: r, label: says[r] }))} />
                <TextField label="Expires (date, UTC)" type="date" value={until} onInput={setUntil} hint="Leave empty for no expiry." />
                {error !== null && <ErrorBox error={error} />}
            </form>
        </Dialog>
    );
}
