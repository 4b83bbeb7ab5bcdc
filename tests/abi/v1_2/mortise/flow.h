/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.flow-factory/1: a use case over connections, written as steps (see mortise/run.h).
 */
#ifndef MORTISE_FLOW_H
#define MORTISE_FLOW_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_FACTORY_FLOW "mortise.flow-factory/1"

/* A connection the flow needs: [flows.<name>.connections] <role> = "<connection>". */
typedef struct mortise_role {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str name;      /* "dam" */
    mortise_str connector; /* the connector's id: "iconik"; several separated by '|' */
    mortise_str doc;
    const mortise_str* operations; /* every operation the flow may call there */
    uint64_t operation_count;
} mortise_role;

/* What starts the flow. An empty role means the host itself: type "mortise.request" (synchronous
 * request), "mortise.schedule", "mortise.manual" or, since 1.1, "mortise.child" (another run, see
 * spawn in mortise/run.h; a host of 1.0 refuses it as unknown-event). */
typedef struct mortise_subscription {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str role;
    mortise_str event_type;
} mortise_subscription;

typedef struct mortise_flow {
    uint32_t struct_size;
    uint32_t reserved0;
    mortise_str id; /* "campaign-asset-references" */
    mortise_str version;
    mortise_str title;
    mortise_str doc;
    mortise_str config_schema;
    const mortise_role* roles;
    uint64_t role_count;
    const mortise_subscription* subscriptions;
    uint64_t subscription_count;
    uint32_t role_stride;
    uint32_t subscription_stride;
    /* [strand] Makes an instance; no I/O. Ownership: config is borrowed; *self is the plugin's. */
    mortise_status (*create)(const mortise_host* h,
                             mortise_handle instance,
                             mortise_payload config,
                             mortise_error_sink err,
                             void** self);
    /* [strand] With no run open. Ownership: ends self. */
    void (*destroy)(void* self);
    /* [strand] of the run. Begins, or begins again, a run. MORTISE_OK: finish() follows unless the
     * run is dropped. Ownership: first is borrowed; its content stays the host's and can be read
     * while the run lives. */
    mortise_status (*start)(void* self,
                            mortise_handle run,
                            const mortise_event* first,
                            mortise_error_sink err);
    /* [strand] of the run. A request to stop: steps in flight fail with CANCELLED, finish() must
     * still follow. Ownership: none. */
    void (*cancel)(void* self, mortise_handle run);
    /* [strand] of the run. Forget the run: free its state, call nothing. No callback of it comes
     * any more and the handle is dead. The host starts it again later under another handle.
     * Ownership: none. */
    void (*drop)(void* self, mortise_handle run);
} mortise_flow;

#ifdef __cplusplus
}
#endif
#endif
