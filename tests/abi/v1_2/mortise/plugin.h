/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry point of a Mortise plugin: one exported function, const data behind it. Include this
 * and the headers of the services you use.
 */
#ifndef MORTISE_PLUGIN_H
#define MORTISE_PLUGIN_H
#include <mortise/connector.h>
#include <mortise/core.h>
#include <mortise/flow.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct mortise_entry {
    uint32_t magic; /* MORTISE_ABI_MAGIC */
    uint32_t struct_size;
    uint32_t abi_major; /* MORTISE_ABI_MAJOR the plugin was built with */
    uint32_t abi_minor;
    mortise_str id;      /* reverse DNS, at least two labels: "com.example.acme-crm" */
    mortise_str version; /* semantic version 2.0.0, here and in every descriptor */
    mortise_str sdk;     /* "cpp-sdk 1.0.0", for diagnostics */
    /* [main] Once, before any factory's create(). No threads, no I/O, quick. May be NULL.
     * Ownership: h is the host's and valid until deinit() has returned; err is borrowed. */
    mortise_status (*init)(const mortise_host* h, mortise_error_sink err);
    /* [main] Once, after the last destroy(). May be NULL. The library stays mapped. Ownership:
     * none. */
    void (*deinit)(void);
    /* [any-thread] The index-th descriptor (mortise_connector or mortise_flow, by factory id), NULL
     * past the end and for unknown ids. May be called before init(). Ownership: factory_id is
     * borrowed; the descriptor is const data of the plugin, valid for the life of the process. */
    const void* (*get_factory)(mortise_str factory_id, uint64_t index);
} mortise_entry;

#if defined(_WIN32)
#define MORTISE_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define MORTISE_EXPORT __attribute__((visibility("default")))
#else
#define MORTISE_EXPORT
#endif

#define MORTISE_ENTRY_SYMBOL "mortise_plugin_entry_v1"

/* [any-thread] The one exported symbol. Pure: returns static data; it runs before anything was
 * checked. Ownership: the entry is const data of the plugin, valid for the life of the process. */
MORTISE_EXPORT const mortise_entry* mortise_plugin_entry_v1(void);

#ifdef __cplusplus
}
#endif
#endif
