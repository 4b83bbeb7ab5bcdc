/* SPDX-License-Identifier: Apache-2.0
 * One exported function for each public struct, so that the debug information of this library holds
 * the whole ABI and abidw can write it down. Add a line for each new struct. */
#include <mortise/call.h>
#include <mortise/config.h>
#include <mortise/connector.h>
#include <mortise/content.h>
#include <mortise/core.h>
#include <mortise/flow.h>
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

#define ANCHOR(type)                                                                               \
    MORTISE_EXPORT void anchor_##type(const type*);                                                \
    void anchor_##type(const type* p) {                                                            \
        (void)p;                                                                                   \
    }

ANCHOR(mortise_svc_call)
ANCHOR(mortise_svc_config)
ANCHOR(mortise_operation)
ANCHOR(mortise_event_type)
ANCHOR(mortise_trigger)
ANCHOR(mortise_call)
ANCHOR(mortise_delivery)
ANCHOR(mortise_connector)
ANCHOR(mortise_ext_test_connection)
ANCHOR(mortise_content_info)
ANCHOR(mortise_svc_content)
ANCHOR(mortise_str)
ANCHOR(mortise_bytes)
ANCHOR(mortise_payload)
ANCHOR(mortise_error)
ANCHOR(mortise_error_sink)
ANCHOR(mortise_sink)
ANCHOR(mortise_event)
ANCHOR(mortise_host)
ANCHOR(mortise_role)
ANCHOR(mortise_subscription)
ANCHOR(mortise_flow)
ANCHOR(mortise_http_header)
ANCHOR(mortise_http_request)
ANCHOR(mortise_http_response)
ANCHOR(mortise_svc_http)
ANCHOR(mortise_svc_log)
ANCHOR(mortise_svc_mapping)
ANCHOR(mortise_svc_metric)
ANCHOR(mortise_entry)
ANCHOR(mortise_wait)
ANCHOR(mortise_link)
ANCHOR(mortise_spawn)
ANCHOR(mortise_transfer_end)
ANCHOR(mortise_svc_flow)
ANCHOR(mortise_svc_secret)
ANCHOR(mortise_svc_state)
ANCHOR(mortise_svc_time)
ANCHOR(mortise_svc_trigger)

/* Nobody calls it; the header declares it, and its type belongs to the ABI. */
const mortise_entry* mortise_plugin_entry_v1(void) {
    return 0;
}
