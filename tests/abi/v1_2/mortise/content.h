/* SPDX-License-Identifier: Apache-2.0
 *
 * mortise.content/1: large bytes as pull streams. Memory per stream never exceeds the window
 * (default 256 KiB), whatever the length. A handle is owned by exactly one side; passing it to a
 * function that says so passes ownership of the reading side, close() ends it. Who created a stream
 * may go on writing after it passed the stream on, until finish(): that is how more than one window
 * travels.
 */
#ifndef MORTISE_CONTENT_H
#define MORTISE_CONTENT_H
#include <mortise/core.h>
#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_SVC_CONTENT "mortise.content/1"

/* [strand] of the instance. n bytes were moved; n == 0 with MORTISE_OK means the end.
 * Ownership: e_or_null is borrowed. */
typedef void (*mortise_io_fn)(void* user,
                              mortise_status st,
                              uint64_t n,
                              const mortise_error* e_or_null);

typedef struct mortise_content_info {
    uint32_t struct_size;
    uint32_t finished; /* 1 once the writer has finished */
    mortise_str media_type;
    uint64_t length;    /* UINT64_MAX when not known */
    mortise_str sha256; /* lower-case hex, empty until finished */
} mortise_content_info;

/* [any-thread] but only during info(). Ownership: info is borrowed. */
typedef void (*mortise_content_info_fn)(void* user, const mortise_content_info* info);

typedef struct mortise_svc_content {
    uint32_t struct_size;
    uint32_t reserved0;
    void* ctx;
    /* [any-thread] Reads up to cap bytes. One read in flight per stream. Ownership: buf stays the
     * plugin's and must live until done. */
    mortise_status (*read)(
        void* ctx, mortise_handle s, void* buf, uint64_t cap, mortise_io_fn done, void* user);
    /* [any-thread] Makes a stream to write to; length UINT64_MAX when not known. 0 when refused.
     * Ownership: media_type is copied; the stream is the plugin's until passed on. */
    mortise_handle (*create)(void* ctx,
                             mortise_handle call,
                             mortise_str media_type,
                             uint64_t length);
    /* [any-thread] done follows when there is room again. One write in flight per stream.
     * Ownership: chunk stays the plugin's and must live until done. */
    mortise_status (*write)(
        void* ctx, mortise_handle s, mortise_bytes chunk, mortise_io_fn done, void* user);
    /* [any-thread] No more bytes; with abort_or_null the reader gets that error. Ownership: copied.
     */
    mortise_status (*finish)(void* ctx, mortise_handle s, const mortise_error* abort_or_null);
    /* [any-thread] Calls out with what is known now, inside the call. Ownership: none. */
    mortise_status (*info)(void* ctx, mortise_handle s, mortise_content_info_fn out, void* user);
    /* [any-thread] Gives the stream up. Unknown handles are ignored. Ownership: ends the plugin's.
     */
    void (*close)(void* ctx, mortise_handle s);
    /* Since 1.2: look with MORTISE_HAS and for NULL first.
     * [any-thread] Reader: goes on at this offset, counted from the beginning of the content; done
     * gets the offset once the next read starts there. Forward is always possible: the host reads
     * what lies between and drops it. Backward only where the content can be read again from an
     * offset (a transfer from an operation that takes one), otherwise done gets INPUT
     * "content.seek.unsupported"; past the end it gets INPUT "content.seek.past-end". Counts as the
     * one read in flight. sha256 covers every byte of the content once, whatever was skipped or
     * read again. Ownership: none. */
    mortise_status (*seek)(
        void* ctx, mortise_handle s, uint64_t offset, mortise_io_fn done, void* user);
} mortise_svc_content;

#ifdef __cplusplus
}
#endif
#endif
