/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.time/1: clocks, timers and posting to the instance's strand. Use nothing else for time,
 * so that tests can run on a clock of their own.
 */
#ifndef MORTISE_TIME_H
#define MORTISE_TIME_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_TIME "mortise.time/1"

/* [strand] of the instance. Ownership: user stays the plugin's. */
typedef void (*mortise_timer_fn)(void* user, uint32_t cancelled);

typedef struct mortise_svc_time {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Milliseconds since 1970-01-01T00:00:00Z. Ownership: none. */
    int64_t (*now_unix_ms)(void* ctx);
    /* [any-thread] Nanoseconds of a clock that never goes back; deadlines use it. Ownership: none.
     */
    uint64_t (*now_mono_ns)(void* ctx);
    /* [any-thread] Calls cb once after the delay, or earlier with cancelled = 1. Returns 0 when the
     * instance is being destroyed (cb is then not called). Ownership: user stays the plugin's until
     * cb. */
    mortise_handle (*timer)(void* ctx, uint64_t after_ms, mortise_timer_fn cb, void* user);
    /* [any-thread] Asks for an early end of a timer; unknown handles are ignored. Ownership: none.
     */
    void (*cancel_timer)(void* ctx, mortise_handle timer);
    /* [any-thread] Calls cb (cancelled = 0) on the strand, soon, never inline. MORTISE_E_STATE when
     * the instance is being destroyed (cb is then not called). Ownership: user stays the plugin's
     * until cb. */
    mortise_status (*post)(void* ctx, mortise_timer_fn cb, void* user);
} mortise_svc_time;

#ifdef __cplusplus
}
#endif
#endif
