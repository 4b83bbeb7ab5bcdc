// SPDX-License-Identifier: Apache-2.0
// One curl easy handle, used for one exchange after another of the same lane, so that the lane's
// options are set once. Internal to host/http.
#pragma once

#include "http/client.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mortise::host {

class transfer {
public:
    // Throws std::bad_alloc.
    explicit transfer(const http_lane_options& lane);
    ~transfer();
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    CURL* handle() const noexcept { return easy_; }
    // Prepares the exchange. The request must live and stay unchanged until finish().
    result<void> begin(const http_request& request,
                       std::chrono::milliseconds timeout,
                       std::uint64_t max_response_bytes);
    // Turns curl's verdict into a response or an error; messages name method and `origin`.
    result<http_response> finish(CURLcode code, const std::string& origin);
    // Is there any chance that the server has seen the request?
    effect effect_so_far() const;
    // Of a streamed body: goes on after "later"; is it ours to go on; when a byte last moved.
    void resume();
    bool paused() const noexcept { return read_paused_ || write_paused_; }
    std::chrono::steady_clock::time_point last_progress() const noexcept { return progress_; }
    void touch() { progress_ = std::chrono::steady_clock::now(); }
    bool head_given() const noexcept { return head_given_; }

private:
    static std::size_t on_header(char* data, std::size_t, std::size_t n, void* self);
    static std::size_t on_body(char* data, std::size_t, std::size_t n, void* self);
    static std::size_t on_read(char* to, std::size_t, std::size_t n, void* self);
    static int on_seek(void* self, curl_off_t offset, int origin);
    static int on_prerequest(void* self, char*, char*, int, int);

    bool take_header_line(std::string_view line);
    std::size_t take_body(std::string_view piece);
    void give_head();
    bool set_method_and_body();
    bool build_headers();
    bool set_text(CURLoption option, std::string& now, const std::string& wanted);
    error failure(CURLcode code, const std::string& origin) const;

    const http_lane_options& lane_;
    CURL* easy_;
    // The request's header as curl wants it: a list, here over lines in one text.
    std::string header_lines_;
    std::vector<std::size_t> header_starts_;
    std::vector<curl_slist> headers_;
    // As last set: curl copies each text it is given.
    std::string url_set_, method_set_, coding_set_;
    long version_set_ = 0;
    const http_request* request_ = nullptr;
    http_response response_;
    std::uint64_t max_bytes_ = 0;
    std::uint64_t header_bytes_ = 0;
    bool head_complete_ = false;
    bool body_started_ = false;
    bool over_limit_ = false;
    bool header_over_limit_ = false;
    bool sink_refused_ = false;
    bool source_failed_ = false;
    bool source_broken_ = false; // and says why
    bool head_given_ = false;
    bool read_paused_ = false;
    bool write_paused_ = false;
    std::uint64_t taken_ = 0; // of the request body
    std::chrono::steady_clock::time_point progress_{};
    int sent_ = 0; // times the transport was ready to send this request
    bool decode_ = true;
    char reason_[CURL_ERROR_SIZE] = {};
};

} // namespace mortise::host
