// SPDX-License-Identifier: Apache-2.0
// What needs a role: a button that is off says why to those who may not press it.
import { may, session } from "../state";
import type { Role } from "../types";
import { Button, type ButtonProps } from "./button";
import { Notice } from "./states";

export function whyNot(role: Role): string {
    if (may(role)) return "";
    return `This needs the role ${role}; you are signed in as ${session.value?.role ?? "nobody"}.`;
}

export function RoleButton({ role = "operator", ...p }: ButtonProps & { role?: Role }) {
    const why = whyNot(role);
    return <Button {...p} disabled={p.disabled || why !== ""} title={why || p.title} />;
}

// Once on a page, for all its buttons; nothing for those who may.
export function RoleNotice({ role = "operator", to }: { role?: Role; to: string }) {
    const why = whyNot(role);
    if (why === "") return null;
    return <Notice icon="lock"><p>You can view this page but not {to}. {why}</p></Notice>;
}
