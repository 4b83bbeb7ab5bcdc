/* SPDX-License-Identifier: Apache-2.0
 * Compiles when the headers have the layout and the numbers that version 1 promises; as C and as
 * C++. */
#include <mortise/call.h>
#include <mortise/config.h>
#include <mortise/content.h>
#include <mortise/http.h>
#include <mortise/log.h>
#include <mortise/mapping.h>
#include <mortise/metric.h>
#include <mortise/plugin.h>
#include <mortise/run.h>
#include <mortise/secret.h>
#include <mortise/state.h>
#include <mortise/time.h>
#include <mortise/trigger.h>

#ifdef __cplusplus
#define CHECK_THAT(condition, text) static_assert(condition, text);
#else
#define CHECK_THAT(condition, text) _Static_assert(condition, text);
#endif
#define LAYOUT_SIZE(type, size) CHECK_THAT(sizeof(type) == (size), "size of " #type)
#define LAYOUT_OFFSET(type, member, offset)                                                        \
    CHECK_THAT(offsetof(type, member) == (offset), "offset of " #type "." #member)
#define LAYOUT_VALUE(name, value) CHECK_THAT((int64_t)(name) == (int64_t)(value), "value of " #name)
/* sizeof catches a changed length; the characters are compared where the table is made again. */
#define LAYOUT_TEXT(name, text) CHECK_THAT(sizeof(name) == sizeof(text), "text of " #name)

CHECK_THAT(sizeof(void*) == 8, "64-bit machines only")
#if defined(__BYTE_ORDER__)
CHECK_THAT(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian machines only")
#endif

#include "layout_v1.inc"
