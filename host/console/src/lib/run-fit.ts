// SPDX-License-Identifier: Apache-2.0
// Whether a run that is pushed belongs into a filtered list: the host's own rules, as far as a run's
// view tells. Pure.
import type { Run } from "../types";

export interface RunWish {
    state: string; // comma-separated
    flow: string;
    key: string;
    type: string;
    fingerprint: string;
    q: string;
    since?: number;
    until?: number;
}

export function fits(r: Run, w: RunWish): boolean {
    if (w.state !== "" && !w.state.split(",").includes(r.state)) return false;
    if (w.flow !== "" && r.flow !== w.flow) return false;
    if (w.key !== "" && r.key !== w.key) return false;
    if (w.type !== "" && r.event_type !== w.type) return false;
    if (w.fingerprint !== "" && r.fingerprint !== w.fingerprint) return false;
    if (w.since !== undefined && r.created_at < w.since) return false;
    if (w.until !== undefined && r.created_at > w.until) return false;
    return w.q === "" || [r.id, r.key, r.event_subject].some((x) => x.startsWith(w.q));
}
