/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.metric/1: counters, gauges and histograms of a plugin, shown beside the host's own.
 */
#ifndef MORTISE_METRIC_H
#define MORTISE_METRIC_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_METRIC "mortise.metric/1"

enum { MORTISE_METRIC_COUNTER = 0, MORTISE_METRIC_GAUGE = 1, MORTISE_METRIC_HISTOGRAM = 2 };

typedef struct mortise_svc_metric {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [strand] During create() only; afterwards the set is frozen and 0 is returned. name is
     * snake_case with its unit last ("documents_skipped_total"); the host prefixes it with
     * mortise_plugin_ and adds the instance as label. Ownership: name and help are copied. */
    mortise_handle (*define)(void* ctx, uint32_t kind, mortise_str name, mortise_str help);
    /* [any-thread] Adds to a counter (negative values are ignored) or a gauge. Ownership: none. */
    void (*add)(void* ctx, mortise_handle metric, int64_t value);
    /* [any-thread] Sets a gauge or observes a value of a histogram. Ownership: none. */
    void (*observe)(void* ctx, mortise_handle metric, double value);
} mortise_svc_metric;

#ifdef __cplusplus
}
#endif
#endif
