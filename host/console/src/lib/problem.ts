// SPDX-License-Identifier: Apache-2.0
// Refusals of the host (RFC 9457) as errors that a page can show.

export interface ProblemPlace { pointer?: string; message: string; hint?: string; [more: string]: unknown }

export class ApiError extends Error {
    constructor(
        readonly status: number, // 0: no answer
        readonly code: string,
        detail: string,
        readonly problems: ProblemPlace[] = [],
        readonly retryAfter = 0, // seconds
    ) {
        super(detail);
        this.name = "ApiError";
    }
    // The person has to sign in (again).
    get signedOut() { return this.status === 401; }
}

const byStatus: Record<number, string> = {
    401: "You are not signed in, or the session has ended.",
    403: "Your role does not allow this.",
    404: "Not found on this host.",
    409: "This is not possible in the current state.",
    429: "Too many attempts. Wait a moment, then try again.",
    503: "The host cannot do this right now.",
};

export function toApiError(status: number, body: unknown, retryAfter: string | null): ApiError {
    const o = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof o[name] === "string" ? (o[name] as string) : "");
    const detail = text("detail") || text("title") || byStatus[status] || `The host answered ${status}.`;
    const problems = Array.isArray(o.problems) ? (o.problems as ProblemPlace[]) : [];
    return new ApiError(status, text("code"), detail, problems, Number(retryAfter) || 0);
}

export function messageOf(e: unknown): string {
    return e instanceof Error ? e.message : String(e);
}
