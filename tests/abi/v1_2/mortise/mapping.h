/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.mapping/1 (ABI 1.2): the host's mappings (docs/mappings.md) for plugins. A table says for
 * each target field where its value comes from; compiled once, it turns the facts a plugin has into
 * the fields another system wants. The host has replaced the name of a [mappings.<name>] by its
 * table in every setting whose schema says "x-mapping", so that what a plugin compiles is in the
 * configuration it was created with. Needs no grant.
 */
#ifndef MORTISE_MAPPING_H
#define MORTISE_MAPPING_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_MAPPING "mortise.mapping/1"

typedef struct mortise_svc_mapping {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Compiles a table (a JSON object) and sets *mapping. MORTISE_E_ARGUMENT with
     * details in err when it is no good table; MORTISE_E_STATE when the instance is being
     * destroyed. Ownership: table is copied, err is borrowed; the mapping is the plugin's until
     * release(), the host takes it back when the instance ends. */
    mortise_status (*compile)(void* ctx,
                              mortise_payload table,
                              mortise_error_sink err,
                              mortise_handle* mapping);
    /* [any-thread] Applies a mapping to facts (any JSON value) and puts the result, a JSON object,
     * into out before it returns. The same facts give the same result, so a flow may call it
     * between its steps. Takes microseconds, but may take as long as the deadline of the
     * mapping's jq expressions (a quarter of a second for all of them) when one loops.
     * MORTISE_E_FAILED with category INPUT when the facts do not fit: the message names target
     * field, source, value and fix. MORTISE_E_STATE for an unknown mapping. Ownership: facts, out
     * and err are borrowed. */
    mortise_status (*apply)(void* ctx,
                            mortise_handle mapping,
                            mortise_payload facts,
                            mortise_sink out,
                            mortise_error_sink err);
    /* [any-thread] Gives a mapping back; unknown handles are ignored. Ownership: ends the
     * plugin's. */
    void (*release)(void* ctx, mortise_handle mapping);
} mortise_svc_mapping;

#ifdef __cplusplus
}
#endif
#endif
