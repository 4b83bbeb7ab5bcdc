/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.flow/1: what a flow does with its run. Every step has a key that is unique in the run;
 * the host journals its outcome. After a crash or a long wait the flow is started again, and
 * finished steps answer from the journal without a new effect. So the code between steps must be
 * deterministic: time, random numbers and ids come from here. Meeting another step than the journal
 * holds under a key ends the run with "nondeterministic-flow".
 *
 * A run that only waits (sleep, event, retry) may be dropped from memory: the host calls the flow's
 * drop(), delivers none of the outstanding callbacks, and starts the run again when its time has
 * come.
 */
#ifndef MORTISE_RUN_H
#define MORTISE_RUN_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_FLOW "mortise.flow/1"

typedef struct mortise_wait {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str event_type; /* type of the awaited event */
    mortise_str key;        /* matches the event's subject or partition key; empty = any */
    uint64_t timeout_ms;    /* 0 = for ever; past it the step fails with TIMEOUT, effect NONE */
} mortise_wait;

/* A two-sided link between objects of two systems, unique per (relation, a) and, when b is set,
 * (relation, b). */
typedef struct mortise_link {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str relation; /* e.g. "asset-reference" */
    mortise_str a;        /* e.g. "iconik:assets/6f0c..#33120" */
    mortise_str b;        /* e.g. "otcs:nodes/55011"; empty in a lookup */
    mortise_payload data; /* JSON kept with the link */
} mortise_link;

/* A child run. Since 1.1. */
typedef struct mortise_spawn {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str flow;       /* name of a configured flow instance; empty = the one of this run */
    mortise_str event_type; /* type of the event the child starts on; empty = "mortise.child" */
    mortise_str key;        /* the child's order key; empty = the id of its event: no order */
    mortise_payload data;   /* data of the event: JSON; empty = {} */
} mortise_spawn;

/* One end of a transfer: an operation of the connection bound to a role. Since 1.2. */
typedef struct mortise_transfer_end {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str role;
    mortise_str operation;
    mortise_payload input; /* JSON; empty = {} */
} mortise_transfer_end;

typedef struct mortise_svc_flow {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [strand] of the run. Calls an operation of the connection bound to the role. done follows
     * after retries and waits by the instance's policy: a final result or a final error. Ownership:
     * all arguments are copied; content passes to the host on MORTISE_OK. */
    mortise_status (*call)(void* ctx,
                           mortise_handle run,
                           mortise_str step_key,
                           mortise_str role,
                           mortise_str operation,
                           const mortise_payload* in,
                           mortise_handle content,
                           mortise_result_fn done,
                           void* user);
    /* [strand] of the run. Waits until a point in time. Ownership: step_key is copied. */
    mortise_status (*sleep_until)(void* ctx,
                                  mortise_handle run,
                                  mortise_str step_key,
                                  int64_t unix_ms,
                                  mortise_done_fn done,
                                  void* user);
    /* [strand] of the run. Waits for an event; its CloudEvents JSON is the result. An event that
     * arrived after the run began and before the wait counts. Ownership: step_key and wait are
     * copied. */
    mortise_status (*wait_event)(void* ctx,
                                 mortise_handle run,
                                 mortise_str step_key,
                                 const mortise_wait* wait,
                                 mortise_result_fn done,
                                 void* user);
    /* [strand] of the run. Records a value the flow computed from something not deterministic; on
     * replay the journaled value is the result. Ownership: step_key and value are copied. */
    mortise_status (*record)(void* ctx,
                             mortise_handle run,
                             mortise_str step_key,
                             const mortise_payload* value,
                             mortise_result_fn done,
                             void* user);
    /* [strand] of the run. Creates or replaces a link; a CONFLICT error when b belongs to another
     * a. Ownership: step_key and link are copied. */
    mortise_status (*link_put)(void* ctx,
                               mortise_handle run,
                               mortise_str step_key,
                               const mortise_link* link,
                               mortise_result_fn done,
                               void* user);
    /* [strand] of the run. Finds links by relation and a (exact, or as a prefix when it ends in
     * '*') or by relation and b: a JSON array [{"a","b","data"}]. Ownership: step_key and link are
     * copied. */
    mortise_status (*link_find)(void* ctx,
                                mortise_handle run,
                                mortise_str step_key,
                                const mortise_link* link,
                                mortise_result_fn done,
                                void* user);
    /* [strand] of the run. Removes the link (relation, a); none is no error. Ownership: copied. */
    mortise_status (*link_remove)(void* ctx,
                                  mortise_handle run,
                                  mortise_str step_key,
                                  const mortise_link* link,
                                  mortise_result_fn done,
                                  void* user);
    /* [strand] of the run. Reads a value of the flow instance's state: {"value":any,"version":int},
     * as it was when the step first ran. Ownership: step_key and key are copied. */
    mortise_status (*state_get)(void* ctx,
                                mortise_handle run,
                                mortise_str step_key,
                                mortise_str key,
                                mortise_result_fn done,
                                void* user);
    /* [strand] of the run. Compare-and-set of a value of the flow instance's state (see
     * mortise/state.h for expected_version), in one transaction with the step. Ownership: all
     * arguments are copied. */
    mortise_status (*state_put)(void* ctx,
                                mortise_handle run,
                                mortise_str step_key,
                                mortise_str key,
                                const mortise_payload* value_or_null,
                                uint64_t expected_version,
                                mortise_result_fn done,
                                void* user);
    /* [strand] of the run. The run's own time: when the newest outcome handed to the flow was
     * journaled, or when the run began. The same on replay. Ownership: none. */
    int64_t (*now_unix_ms)(void* ctx, mortise_handle run);
    /* [strand] of the run. 64 random bits that depend only on the run and n. Ownership: none. */
    uint64_t (*random)(void* ctx, mortise_handle run, uint64_t n);
    /* [strand] of the run. A log line that replay does not repeat. Ownership: copied. */
    void (*log)(void* ctx,
                mortise_handle run,
                uint32_t level,
                mortise_str message,
                mortise_str fields_json);
    /* [strand] of the run. Ends the run: a result, or an error, or neither. The handle is dead
     * afterwards. Ownership: copied. */
    mortise_status (*finish)(void* ctx,
                             mortise_handle run,
                             const mortise_payload* result_or_null,
                             const mortise_error* e_or_null);
    /* Since 1.1: look with MORTISE_HAS and for NULL first.
     * [strand] of the run. Starts a run of a flow instance and waits for its end, as one step. The
     * id of the child's event is made from this run's id and step_key: however often the step is
     * begun, there is one child. The flow instance must be subscribed to event_type (a subscription
     * to "mortise.child" has no role; of one to an event of a role only the type counts). done gets
     * the child's result, without content. Errors of the step, none retried, effect NONE:
     *   CONFIG "run.child-flow"      no such flow instance, or it does not start on event_type
     *   INPUT "run.child-order"      the child would wait for this run or one above it: same flow
     *                                instance, same order key
     *   CANCELLED "run.child-ended"  the child was cancelled, or discarded by a person
     * A child that fails becomes a dead letter like any run, and this run keeps waiting until a
     * person retries it (done gets that result) or discards it. Cancelling this run cancels its
     * children that have not ended. Ending it does not: a child whose step is still open goes on
     * alone. Ownership: step_key and spawn are copied. */
    mortise_status (*spawn)(void* ctx,
                            mortise_handle run,
                            mortise_str step_key,
                            const mortise_spawn* spawn,
                            mortise_result_fn done,
                            void* user);
    /* Since 1.2: look with MORTISE_HAS and for NULL first.
     * [strand] of the run. Moves content as one step: `from` is an operation that reads (effect
     * class read) and answers with content, `to` one that takes content. Both must be declared for
     * their roles. The bytes go through a bounded window; a source whose input schema has "offset"
     * is asked to go on there when it breaks off. "name", "media_type" and "size" of the source's
     * answer are put into the target's input where its schema has them and the flow gives none. The
     * step is repeated by the effect class of `to`. done gets JSON:
     *   {"target": any, "source": any,  what the two operations answered
     *    "size": uint, "sha256": text,  of what was moved; sha256 null when a look-up first found
     *                                   it done
     *    "verified": "checksum"|"size"|"none"}  what source and target declared and was compared
     * Errors of the step: those of the operations, with "source: " or "target: " before the
     * message; REMOTE_PROTOCOL "transfer.size" or "transfer.checksum" when what came or what the
     * target says it has is not what was announced. Ownership: step_key, from and to are copied. */
    mortise_status (*transfer)(void* ctx,
                               mortise_handle run,
                               mortise_str step_key,
                               const mortise_transfer_end* from,
                               const mortise_transfer_end* to,
                               mortise_result_fn done,
                               void* user);
} mortise_svc_flow;

#ifdef __cplusplus
}
#endif
#endif
