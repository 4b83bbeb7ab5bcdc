/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.config/1: the instance's effective configuration, the same text create() received:
 * checked against config_schema, defaults filled in, secrets replaced by {"$secret":"<name>"}. A
 * reload makes a new instance; the text of a living one does not change.
 */
#ifndef MORTISE_CONFIG_H
#define MORTISE_CONFIG_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_CONFIG "mortise.config/1"

typedef struct mortise_svc_config {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Puts the whole configuration into the sink. Ownership: out is borrowed. */
    mortise_status (*get)(void* ctx, mortise_sink out);
} mortise_svc_config;

#ifdef __cplusplus
}
#endif
#endif
