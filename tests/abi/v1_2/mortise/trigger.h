/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.trigger/1: how a connector hands over events. At-least-once towards the host, once
 * towards the flows: (source, id) is the de-duplication key, and the cursor moves only together
 * with its events.
 */
#ifndef MORTISE_TRIGGER_H
#define MORTISE_TRIGGER_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_TRIGGER "mortise.trigger/1"

typedef struct mortise_svc_trigger {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Events and the cursor become durable together, then done(MORTISE_OK). delivery
     * is the call handle of the poll or webhook the events come from (0 for a stream): a webhook's
     * 2xx waits for it. Since 1.1 it may be that of a page of a backfill: the cursor is the
     * backfill's then. cursor.ptr NULL leaves the cursor as it is. n may be 0 to move the cursor
     * alone. MORTISE_E_LIMIT: the backlog is full, nothing was taken, done is not called; emit
     * again after resume(). MORTISE_E_STATE after close_trigger has completed. Ownership: events
     * and cursor are copied; content handles pass to the host on MORTISE_OK. */
    mortise_status (*emit)(void* ctx,
                           mortise_handle trigger,
                           mortise_handle delivery,
                           const mortise_event* events,
                           uint64_t n,
                           mortise_bytes cursor,
                           mortise_done_fn done,
                           void* user);
} mortise_svc_trigger;

#ifdef __cplusplus
}
#endif
#endif
