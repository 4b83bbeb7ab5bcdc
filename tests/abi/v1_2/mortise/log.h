/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.log/1: structured logging. The host adds plugin, instance, run and trace ids, redacts
 * known secrets, and never blocks the caller: past its buffer, lines are dropped and counted.
 */
#ifndef MORTISE_LOG_H
#define MORTISE_LOG_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_LOG "mortise.log/1"

/* error: a person must act; warn: a person may; info: life cycle, a few lines a minute; debug:
 * decisions; trace: bytes. Unknown levels are treated as info. */
enum {
    MORTISE_LOG_TRACE = 0,
    MORTISE_LOG_DEBUG = 1,
    MORTISE_LOG_INFO = 2,
    MORTISE_LOG_WARN = 3,
    MORTISE_LOG_ERROR = 4
};

typedef struct mortise_svc_log {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] 1 when a line of this level would be written. Ownership: none. */
    uint32_t (*enabled)(void* ctx, uint32_t level);
    /* [any-thread] One event, one line. fields_json is a JSON object or empty. Ownership: copied.
     */
    void (*write)(void* ctx, uint32_t level, mortise_str message, mortise_str fields_json);
} mortise_svc_log;

#ifdef __cplusplus
}
#endif
#endif
