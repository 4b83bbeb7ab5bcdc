/* SPDX-License-Identifier: Apache-2.0
 *
 * Mortise plugin ABI, core: value types, status codes, errors, the host handle.
 *
 * Compatibility promise (docs/compatibility.md has it in plain words):
 *   - What is released here never changes: name, layout, numbers, and the documented meaning
 *     (thread, ownership, lifetime, null values, re-entrancy).
 *   - Growth happens by appending to structs that begin with struct_size, and by new service,
 * factory and extension ids. Nothing is inserted, nothing becomes mandatory later.
 *   - Readers copy min(struct_size, sizeof mine) into a zeroed local. A longer descriptor or table
 * is fine: ignore the tail. A longer *request* is fine when its tail is all zero, otherwise
 *     MORTISE_E_UNSUPPORTED: silently ignoring an instruction is worse than refusing it.
 *   - Values that flow plugin -> host may be appended to an enumeration; the host maps unknown ones
 * to the documented default. Values host -> plugin are appended only together with a new id.
 *
 * Thread words, used in square brackets at every function:
 *   [main]        start and stop of the host only.
 *   [strand]      the strand of one connector instance, flow instance or run: never two at once,
 * but not always the same OS thread. Plugin code here must not block (a watchdog reports it).
 *   [worker]      a pool thread on which blocking is allowed; still one call at a time per
 * instance, unless the operation carries MORTISE_OP_CONCURRENT. [any-thread]  may be called
 * concurrently from everywhere. The host never calls back into a plugin on the caller's stack,
 * sinks excepted: a result is posted to the strand.
 *
 * Ownership words, used at every function as "Ownership: ...":
 *   borrowed      valid for the duration of the call only; the receiver copies what it keeps.
 *   copied        the callee has copied it before it returns.
 *   host / plugin the side that owns the object, and until when.
 *   none          nothing but numbers and handles crosses.
 *
 * A plugin runs with the host's rights in the host's process. Capabilities granted in the
 * configuration are a contract and an audit list, not a sandbox.
 */
#ifndef MORTISE_CORE_H
#define MORTISE_CORE_H

#include <stddef.h> /* offsetof */
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_ABI_MAGIC 0x4553544Du /* "MTSE" in memory on little endian */
#define MORTISE_ABI_MAJOR 1u          /* also in the entry symbol's name */
#define MORTISE_ABI_MINOR 2u /* additive only: diagnostics and "since" notes, never a gate */

/* ---- frozen value types: no struct_size, never grow ------------------------------------------ */

/* UTF-8 text, not NUL-terminated. ptr may be NULL when len is 0. Always borrowed. */
typedef struct mortise_str {
    const char* ptr;
    uint64_t len;
} mortise_str;

/* Raw bytes. ptr may be NULL when len is 0. Always borrowed. */
typedef struct mortise_bytes {
    const void* ptr;
    uint64_t len;
} mortise_bytes;

/* A typed blob. In version 1 of every service media_type is "application/json" (or empty, meaning
 * the same) unless a function says otherwise. JSON profile: UTF-8 without BOM, no duplicate keys,
 * depth at most 64, integers exact within int64/uint64, decimals that must not lose digits as
 * strings, time stamps RFC 3339 in UTC, binary up to 16 KiB as base64, anything larger as content.
 */
typedef struct mortise_payload {
    mortise_str media_type;
    mortise_bytes data;
} mortise_payload;

/* Issued by the host, never reused within a process. 0 means none. */
typedef uint64_t mortise_handle;

/* MORTISE_OK or a negative MORTISE_E_*. Unknown negative values are treated as MORTISE_E_FAILED. */
typedef int32_t mortise_status;
enum {
    MORTISE_OK = 0,
    MORTISE_E_ARGUMENT = -1,    /* malformed argument: a bug of the caller */
    MORTISE_E_STATE = -2,       /* dead handle, used twice, or not allowed now */
    MORTISE_E_UNSUPPORTED = -3, /* the request asks for something this side does not know */
    MORTISE_E_DENIED = -4,      /* not granted in the configuration */
    MORTISE_E_LIMIT = -5,       /* too much or too large; for triggers: wait for resume() */
    MORTISE_E_FAILED = -6       /* failed; details were given to the error sink */
};

/* ---- errors ------------------------------------------------------------------------------------
 */

/* Drives the defaults. Default table: RATE_LIMIT, UNAVAILABLE, TIMEOUT are retried when the effect
 * is none or the operation's effect class makes repeating safe; AUTH stops after the connector's
 * own re-login; CONFIG, INPUT, DENIED, NOT_FOUND, CONFLICT, REMOTE_PROTOCOL, LIMIT are not retried;
 * INTERNAL and UNKNOWN are not retried and count against the plugin's health. */
typedef uint32_t mortise_category;
enum {
    MORTISE_CAT_UNKNOWN = 0,
    MORTISE_CAT_CONFIG = 1,
    MORTISE_CAT_INPUT = 2,
    MORTISE_CAT_AUTH = 3,
    MORTISE_CAT_DENIED = 4,
    MORTISE_CAT_NOT_FOUND = 5,
    MORTISE_CAT_CONFLICT = 6,
    MORTISE_CAT_RATE_LIMIT = 7,
    MORTISE_CAT_UNAVAILABLE = 8,
    MORTISE_CAT_TIMEOUT = 9,
    MORTISE_CAT_CANCELLED = 10,
    MORTISE_CAT_REMOTE_PROTOCOL = 11,
    MORTISE_CAT_LIMIT = 12,
    MORTISE_CAT_INTERNAL = 13
};

/* mortise_error.retry: advice that overrides the category's default. */
enum { MORTISE_RETRY_BY_CATEGORY = 0, MORTISE_RETRY_YES = 1, MORTISE_RETRY_NO = 2 };

/* mortise_error.effect: did the remote side change? Without it a retry of a write is a guess. */
enum { MORTISE_EFFECT_UNKNOWN = 0, MORTISE_EFFECT_NONE = 1, MORTISE_EFFECT_DONE = 2 };

typedef struct mortise_error {
    uint32_t struct_size;
    mortise_category category;
    uint32_t retry;
    uint32_t effect;
    uint32_t http_status;    /* 0 = not given */
    uint32_t retry_after_ms; /* 0 = not given */
    mortise_str code;    /* stable, "<plugin>.<object>.<reason>", e.g. "iconik.asset.not-found" */
    mortise_str message; /* one English sentence for a person; never holds a secret */
    mortise_payload details; /* optional JSON */
} mortise_error;

/* Owned by the caller of the function it is passed to, valid during that call. */
typedef struct mortise_error_sink {
    void* ctx;
    /* [any-thread] but only during the call the sink was passed to. Ownership: e is copied. */
    void (*set)(void* ctx, const mortise_error* e);
} mortise_error_sink;

/* Receives one text or blob; how strings travel out of a service. */
typedef struct mortise_sink {
    void* ctx;
    /* [any-thread] but only during the call the sink was passed to. Ownership: value is borrowed;
     * the receiver copies it. Called at most once. */
    void (*put)(void* ctx, mortise_payload value);
} mortise_sink;

/* ---- events ------------------------------------------------------------------------------------
 */

/* A CloudEvents 1.0 record. id is the de-duplication key together with source: derive it from the
 * source's own facts (object, version or modification time, kind), so that the same change seen by
 * a webhook and by a poll is one event. Frozen. */
typedef struct mortise_event {
    mortise_str id;
    mortise_str source;        /* empty on emit: the host sets "/connections/<name>" */
    mortise_str type;          /* e.g. "iconik.asset.approved" */
    mortise_str subject;       /* the object the event is about */
    mortise_str partition_key; /* events with equal keys run in order; empty = subject */
    mortise_str trace_parent;  /* W3C trace context, may be empty */
    int64_t time_unix_ms;      /* when it happened at the source; 0 = not known */
    mortise_payload data;
    mortise_handle content; /* 0 = none */
} mortise_event;

/* Completion callbacks. Called exactly once for every accepted request. */

/* [strand] of the instance or run that made the request. Ownership: e_or_null is borrowed. */
typedef void (*mortise_done_fn)(void* user, mortise_status st, const mortise_error* e_or_null);

/* [strand] of the instance or run that made the request. Ownership: r_or_null and e_or_null are
 * borrowed; content, when not 0, passes to the receiver. Exactly one of r_or_null and e_or_null is
 * set, or neither for an empty result. */
typedef void (*mortise_result_fn)(void* user,
                                  const mortise_payload* r_or_null,
                                  mortise_handle content,
                                  const mortise_error* e_or_null);

/* ---- host: tiny and fixed; everything else is a service asked for by id ------------------------
 */

typedef struct mortise_host {
    uint32_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t reserved0;
    void* ctx;
    mortise_str name;
    mortise_str version;
    /* [any-thread] Returns the table of a service (see the headers beside this one), or NULL when
     * the id is unknown, newer than this host, or not granted in the configuration. instance is the
     * handle given to create(); during init() pass 0 and expect mortise.log/1 only. Ownership: id
     * is borrowed; the table is owned by the host and valid until destroy() of that instance
     * (deinit() for instance 0) has returned. */
    const void* (*get_service)(const struct mortise_host* h,
                               mortise_handle instance,
                               mortise_str id);
} mortise_host;

/* True when the other side's struct is long enough to hold the member. */
#define MORTISE_HAS(p, type, member)                                                               \
    ((p)->struct_size >= (uint32_t)(offsetof(type, member) + sizeof((p)->member)))

#ifdef __cplusplus
}
#endif
#endif
