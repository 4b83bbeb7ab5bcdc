/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.state/1: durable small values, private to the instance, kept over restarts. Keys up to
 * 256 bytes, values up to 64 KiB of JSON.
 */
#ifndef MORTISE_STATE_H
#define MORTISE_STATE_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_STATE "mortise.state/1"

/* expected_version values for put. */
#define MORTISE_STATE_ANY UINT64_MAX /* overwrite whatever is there */
#define MORTISE_STATE_ABSENT 0u      /* only when the key does not exist */

/* [strand] of the instance. version is 0 when the key does not exist (then value is NULL and there
 * is no error). Ownership: value_or_null and e_or_null are borrowed. */
typedef void (*mortise_state_fn)(void* user,
                                 const mortise_payload* value_or_null,
                                 uint64_t version,
                                 const mortise_error* e_or_null);

typedef struct mortise_svc_state {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Reads one value. Ownership: key is copied. */
    mortise_status (*get)(void* ctx, mortise_str key, mortise_state_fn done, void* user);
    /* [any-thread] Compare-and-set; done follows when it is durable, with the new version, or with
     * a CONFLICT error and the current version. value NULL deletes the key (new version 0).
     * Ownership: key and value are copied. */
    mortise_status (*put)(void* ctx,
                          mortise_str key,
                          const mortise_payload* value_or_null,
                          uint64_t expected_version,
                          mortise_state_fn done,
                          void* user);
    /* [any-thread] Up to limit (at most 1000) keys that begin with prefix and sort after `after`,
     * as a JSON array [{"key":string,"version":int,"value":any}]. Ownership: prefix and after are
     * copied. */
    mortise_status (*list)(void* ctx,
                           mortise_str prefix,
                           mortise_str after,
                           uint64_t limit,
                           mortise_result_fn done,
                           void* user);
} mortise_svc_state;

#ifdef __cplusplus
}
#endif
#endif
