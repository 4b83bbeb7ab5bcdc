/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.secret/1: reads a secret that the configuration refers to. The name is the text found in
 * {"$secret":"<name>"}. Read it each time it is needed: the operator may have rotated it.
 */
#ifndef MORTISE_SECRET_H
#define MORTISE_SECRET_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_SECRET "mortise.secret/1"

typedef struct mortise_svc_secret {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Puts the value (media type text/plain) into the sink; the host wipes its copy
     * when the call returns, so should the plugin. MORTISE_E_DENIED for a name this instance's
     * configuration does not mention; MORTISE_E_FAILED with details in err when its source cannot
     * be read now. Ownership: name, out and err are borrowed. */
    mortise_status (*read)(void* ctx, mortise_str name, mortise_sink out, mortise_error_sink err);
} mortise_svc_secret;

#ifdef __cplusplus
}
#endif
#endif
