/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.call/1: how a connector answers the calls it accepted. Every connector needs it.
 */
#ifndef MORTISE_CALL_H
#define MORTISE_CALL_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_CALL "mortise.call/1"

typedef struct mortise_svc_call {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Ends the call with a result. Exactly one of complete/fail for every accepted
     * call, also after a cancel, also from inside invoke() or deliver(). The handle is dead
     * afterwards: a second use is MORTISE_E_STATE and is counted against the plugin. result may be
     * NULL (empty result). For a webhook delivery the result is
     * {"status":int,"headers":{..},"body":string}, all optional; without it the host answers 202. A
     * 2xx leaves only after every event emitted for the delivery is durable. Ownership: result is
     * copied; content passes to the host. */
    mortise_status (*complete)(void* ctx,
                               mortise_handle call,
                               const mortise_payload* result,
                               mortise_handle content);
    /* [any-thread] Ends the call with an error; same rules as complete. Ownership: e is copied. */
    mortise_status (*fail)(void* ctx, mortise_handle call, const mortise_error* e);
    /* [any-thread] 1 after a cancel, past the deadline, or for a dead handle; else 0. Cheap: meant
     * for polling from MORTISE_OP_BLOCKING operations. Ownership: none. */
    uint32_t (*cancelled)(void* ctx, mortise_handle call);
} mortise_svc_call;

#ifdef __cplusplus
}
#endif
#endif
