/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.http/1: outgoing HTTP. The host owns pooling, TLS verification, proxies, redirects,
 * decompression, the egress list, the connection's rate and concurrency limits, and trace headers.
 * It does not retry: a retry is a decision of the engine, which knows the effect class.
 */
#ifndef MORTISE_HTTP_H
#define MORTISE_HTTP_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_HTTP "mortise.http/1"

/* Frozen. In a response, names are lower case and repeated headers are repeated entries. */
typedef struct mortise_http_header {
    mortise_str name;
    mortise_str value;
} mortise_http_header;

enum {
    MORTISE_HTTP_NO_REDIRECT =
        1u, /* hand a 3xx to the caller; default follows up to 5 within the egress
               list, never from https to http, dropping Authorization and any
               header named in the connection's secrets on a change of host */
    MORTISE_HTTP_STREAM_RESPONSE = 2u /* the body of a 2xx arrives as content, not as bytes */
};

typedef struct mortise_http_request {
    uint32_t struct_size;
    uint32_t flags;
    mortise_handle
        call; /* the call on whose behalf: its deadline, cancel and trace apply; 0 = none */
    mortise_str method;
    mortise_str url; /* absolute, http or https, already percent-encoded */
    const mortise_http_header* headers;
    uint64_t header_count;
    mortise_bytes body;          /* or body_content, not both */
    mortise_handle body_content; /* passes to the host on MORTISE_OK; of known length it is sent
                                    with Content-Length, otherwise chunked */
    uint64_t timeout_ms;         /* whole exchange; with content in either direction the longest
                                    time without progress; 0 = the connection's default */
    uint64_t max_response_bytes; /* for unstreamed bodies; 0 = the connection's default (16 MiB) */
} mortise_http_request;

typedef struct mortise_http_response {
    uint32_t struct_size;
    uint32_t status;
    const mortise_http_header* headers;
    uint64_t header_count;
    mortise_bytes body;
    mortise_handle content; /* with MORTISE_HTTP_STREAM_RESPONSE; passes to the receiver, who gets
                               it when the head has come; closing it abandons the exchange */
    mortise_str effective_url;
    uint64_t elapsed_us;
} mortise_http_response;

/* [strand] of the instance. Ownership: r_or_null and e_or_null are borrowed. Exactly one is set.
 * Any HTTP status is a response, not an error. e->effect tells whether the request may have reached
 * the server: NONE when it was refused before sending (name, connect, TLS, egress list, limits,
 * cancelled in the queue), UNKNOWN once bytes were on the wire. */
typedef void (*mortise_http_fn)(void* user,
                                const mortise_http_response* r_or_null,
                                const mortise_error* e_or_null);

typedef struct mortise_svc_http {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Starts a request. On MORTISE_OK on_response follows exactly once and
     * *out_request (may be NULL) holds a handle for cancel. Refused with MORTISE_E_ARGUMENT
     * (malformed URL or header), MORTISE_E_DENIED (host not in the egress list) or
     * MORTISE_E_UNSUPPORTED, details in err. Ownership: req is copied; user stays the plugin's and
     * must live until on_response. */
    mortise_status (*start)(void* ctx,
                            const mortise_http_request* req,
                            mortise_http_fn on_response,
                            void* user,
                            mortise_handle* out_request,
                            mortise_error_sink err);
    /* [any-thread] Asks to abandon a request; on_response still follows (CANCELLED unless it had
     * finished). Unknown handles are ignored. Ownership: none. */
    void (*cancel)(void* ctx, mortise_handle request);
} mortise_svc_http;

#ifdef __cplusplus
}
#endif
#endif
