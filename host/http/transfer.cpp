// SPDX-License-Identifier: Apache-2.0
#include "http/transfer.hpp"

#include "http/request_rules.hpp"

#include <algorithm>
#include <charconv>
#include <new>

namespace mortise::host {
namespace {

constexpr std::uint64_t max_header_bytes = 256u << 10;
constexpr std::uint64_t max_reserve = 1u << 20; // what a mere announcement may cost
constexpr long receive_buffer = 96 * 1024;      // below the size for which memory is mapped anew
constexpr long send_buffer = 128 * 1024;

struct verdict {
    category what;
    const char* code;
    const char* text;
    bool before_sending; // by its nature nothing of the request had been sent
};

verdict judge(CURLcode code) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
        return {category::input, "http.url.malformed", "the URL is malformed", true};
    case CURLE_COULDNT_RESOLVE_HOST:
        return {category::unavailable, "http.name.unresolved", "the name cannot be resolved", true};
    case CURLE_COULDNT_RESOLVE_PROXY:
        return {category::unavailable, "http.proxy.unresolved",
                "the proxy's name cannot be resolved", true};
    case CURLE_COULDNT_CONNECT:
        return {category::unavailable, "http.connect.failed", "cannot connect", true};
    case CURLE_PROXY:
        return {category::unavailable, "http.proxy.failed", "the proxy refuses", true};
    case CURLE_OPERATION_TIMEDOUT:
        return {category::timeout, "http.timeout.total", "no answer in time", false};
    case CURLE_PEER_FAILED_VERIFICATION:
        return {category::config, "http.tls.untrusted",
                "the server's certificate is not trusted; set ca_file if it is your own authority",
                true};
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
        return {category::config, "http.tls.ca-file", "the CA file cannot be used", true};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
        return {category::unavailable, "http.tls.failed", "the TLS handshake failed", true};
    case CURLE_PARTIAL_FILE:
        return {category::unavailable, "http.response.truncated",
                "the connection ended in the middle of the response", false};
    case CURLE_UNSUPPORTED_PROTOCOL: // what curl calls an answer that is not HTTP/1 or HTTP/2
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
        return {category::remote_protocol, "http.response.malformed",
                "the answer is not valid HTTP", false};
    case CURLE_GOT_NOTHING:
        return {category::unavailable, "http.connection.lost",
                "the connection was closed without an answer", false};
    case CURLE_OUT_OF_MEMORY:
        return {category::internal, "http.memory", "out of memory", false};
    default:
        return {category::unavailable, "http.connection.lost", "the connection failed", false};
    }
}

long clamp_ms(std::chrono::milliseconds t) {
    constexpr std::int64_t most = 24LL * 3600 * 1000; // curl keeps milliseconds in 32 bits at times
    return static_cast<long>(std::clamp<std::int64_t>(t.count(), 1, most));
}

} // namespace

transfer::transfer(const http_lane_options& lane) : lane_(lane), easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(easy_, option, value);
    };
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(reason_));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    // Servers close idle connections after a minute or so; a stale one costs a failed request.
    set(CURLOPT_MAXAGE_CONN, 30L);
    set(CURLOPT_USERAGENT, "mortise");
    // The environment must not decide where requests go: "" turns its proxies off.
    set(CURLOPT_PROXY, lane_.proxy.c_str());
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_SSL_VERIFYPEER, lane_.verify_tls ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, lane_.verify_tls ? 2L : 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!lane_.ca_file.empty()) {
        set(CURLOPT_CAINFO, lane_.ca_file.c_str());
        set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, clamp_ms(lane_.connect_timeout));
    set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_READFUNCTION, &transfer::on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &transfer::on_seek);
    set(CURLOPT_SEEKDATA, this);
    set(CURLOPT_PREREQFUNCTION, &transfer::on_prerequest);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_BUFFERSIZE, receive_buffer);
    set(CURLOPT_UPLOAD_BUFFERSIZE, send_buffer);
}

transfer::~transfer() {
    curl_easy_cleanup(easy_);
}

result<void> transfer::begin(const http_request& request,
                             std::chrono::milliseconds timeout,
                             std::uint64_t max_response_bytes) {
    request_ = &request;
    response_ = {};
    max_bytes_ = max_response_bytes;
    header_bytes_ = 0;
    head_complete_ = body_started_ = over_limit_ = header_over_limit_ = false;
    sink_refused_ = source_failed_ = source_broken_ = false;
    head_given_ = read_paused_ = write_paused_ = false;
    taken_ = 0;
    sent_ = 0;
    reason_[0] = '\0';
    // HTTP/2 comes with TLS only; without it, saying so spares curl a long look at each connection.
    const long version = equal_no_case(request.url.substr(0, 6), "https:") ? CURL_HTTP_VERSION_2TLS
                                                                           : CURL_HTTP_VERSION_1_1;
    if (version != version_set_) curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, version);
    version_set_ = version;
    // Of a streamed body nobody knows how long it takes; the client looks at its progress.
    if (request.streamed()) touch();
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, request.streamed() ? 0L : clamp_ms(timeout));
    if (!set_text(CURLOPT_URL, url_set_, request.url) || !build_headers() || !set_method_and_body())
        return error(category::internal, "http.memory", "out of memory");
    return {};
}

// Empty: none.
bool transfer::set_text(CURLoption option, std::string& now, const std::string& wanted) {
    if (now == wanted) return true;
    now.clear();
    if (curl_easy_setopt(easy_, option, wanted.empty() ? nullptr : wanted.c_str()) != CURLE_OK)
        return false;
    now = wanted;
    return true;
}

bool transfer::build_headers() {
    header_lines_.clear();
    header_starts_.clear();
    const auto begin_line = [this] {
        if (!header_lines_.empty()) header_lines_ += '\0';
        header_starts_.push_back(header_lines_.size());
    };
    bool has_type = false;
    bool has_coding = false;
    for (const auto& h : request_->headers) {
        has_type = has_type || equal_no_case(h.name, "content-type");
        has_coding = has_coding || equal_no_case(h.name, "accept-encoding");
        begin_line();
        header_lines_.append(h.name);
        if (h.value.empty())
            header_lines_ += ';'; // curl's way to send a header without a value
        else
            header_lines_.append(": ").append(h.value);
    }
    if (!request_->trace_parent.empty()) {
        begin_line();
        header_lines_.append("traceparent: ").append(request_->trace_parent);
    }
    // Curl would add a form's type, and would wait a second for "100 Continue".
    if (!has_type) {
        begin_line();
        header_lines_.append("Content-Type:");
    }
    begin_line();
    header_lines_.append("Expect:");
    if (request_->body_source && request_->body_source->size == http_body_source::unknown) {
        begin_line();
        header_lines_.append("Transfer-Encoding: chunked");
    }
    headers_.resize(header_starts_.size());
    for (std::size_t i = 0; i < headers_.size(); ++i) {
        headers_[i].data = header_lines_.data() + header_starts_[i];
        headers_[i].next = i + 1 < headers_.size() ? &headers_[i + 1] : nullptr;
    }
    // Who asks for a coding gets the coded bytes. A stream comes as it is, with its length.
    decode_ = !has_coding && !request_->body_sink;
    static const std::string known_codings = "gzip, deflate";
    return set_text(CURLOPT_ACCEPT_ENCODING, coding_set_,
                    decode_ ? known_codings : std::string()) &&
           curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_.data()) == CURLE_OK;
}

bool transfer::set_method_and_body() {
    const auto& r = *request_;
    const bool head = r.method == "HEAD";
    curl_easy_setopt(easy_, CURLOPT_NOBODY, head ? 1L : 0L);
    if (head) return set_text(CURLOPT_CUSTOMREQUEST, method_set_, {});
    // These methods say "content-length: 0" when they carry nothing.
    const bool carries = r.method == "POST" || r.method == "PUT" || r.method == "PATCH";
    if (r.body_source && r.body_source->size > 0) {
        curl_easy_setopt(easy_, CURLOPT_POST, 1L);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, nullptr);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                         r.body_source->size == http_body_source::unknown
                             ? curl_off_t{-1}
                             : static_cast<curl_off_t>(r.body_source->size));
    } else if (!r.body.empty() || carries) {
        curl_easy_setopt(easy_, CURLOPT_POST, 1L);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, r.body.data());
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(r.body.size()));
    } else {
        curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
    }
    return set_text(CURLOPT_CUSTOMREQUEST, method_set_, r.method);
}

std::size_t transfer::on_header(char* data, std::size_t, std::size_t n, void* self) {
    return static_cast<transfer*>(self)->take_header_line({data, n}) ? n : 0;
}

std::size_t transfer::on_body(char* data, std::size_t, std::size_t n, void* self) {
    return static_cast<transfer*>(self)->take_body({data, n});
}

// Now, because the body may wait for its reader.
void transfer::give_head() {
    if (!request_->body_sink || !request_->on_head || response_.status / 100 != 2) return;
    head_given_ = true;
    auto head = response_;
    head.effective_url = request_->url;
    request_->on_head(std::move(head));
}

bool transfer::take_header_line(std::string_view line) {
    if (request_->streamed()) touch();
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes) {
        header_over_limit_ = true;
        return false;
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
        line.remove_suffix(1);
    if (body_started_) return true; // trailers
    if (line.starts_with("HTTP/")) {
        response_.headers.clear(); // the one before was a 1xx
        head_complete_ = false;
        const auto space = line.find(' ');
        if (space == std::string_view::npos) return true;
        response_.status = 0;
        std::from_chars(line.data() + space + 1, line.data() + line.size(), response_.status);
        return true;
    }
    if (head_complete_) return true; // trailers after an empty body
    if (line.empty()) {
        head_complete_ = true;
        if (request_->method == "HEAD" || response_.status < 200) return true;
        const auto* length = find_header(response_.headers, "content-length");
        std::uint64_t announced = 0;
        if (length) std::from_chars(length->data(), length->data() + length->size(), announced);
        const bool to_sink = request_->body_sink && response_.status / 100 == 2;
        over_limit_ = !to_sink && announced > max_bytes_;
        if (!over_limit_ && !to_sink) response_.body.reserve(std::min(announced, max_reserve));
        if (to_sink) give_head();
        return !over_limit_;
    }
    if (line.front() == ' ' || line.front() == '\t') { // a folded line continues the one before
        if (response_.headers.empty()) return true;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        response_.headers.back().value.append(" ").append(line);
        return true;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
        value.remove_suffix(1);
    response_.headers.push_back({to_lower(line.substr(0, colon)), std::string(value)});
    return true;
}

std::size_t transfer::take_body(std::string_view piece) {
    body_started_ = true;
    if (request_->streamed()) touch();
    if (request_->body_sink && response_.status / 100 == 2) {
        auto became = http_piece::give_up;
        try {
            became = request_->body_sink(piece);
        } catch (...) {}
        sink_refused_ = became == http_piece::give_up;
        write_paused_ = became == http_piece::later;
        return write_paused_ ? CURL_WRITEFUNC_PAUSE : sink_refused_ ? 0 : piece.size();
    }
    if (piece.size() > max_bytes_ - std::min<std::uint64_t>(max_bytes_, response_.body.size())) {
        over_limit_ = true;
        return 0;
    }
    response_.body.append(piece);
    return piece.size();
}

void transfer::resume() {
    if (!paused()) return;
    read_paused_ = write_paused_ = false;
    touch();
    curl_easy_pause(easy_, CURLPAUSE_CONT);
}

std::size_t transfer::on_read(char* to, std::size_t, std::size_t n, void* self) {
    auto& t = *static_cast<transfer*>(self);
    if (!t.request_->body_source) return 0;
    const auto& source = *t.request_->body_source;
    std::size_t got = http_body_source::broken;
    try {
        got = source.read(to, n);
    } catch (...) {}
    t.touch();
    t.read_paused_ = got == http_body_source::later;
    if (t.read_paused_) return CURL_READFUNC_PAUSE;
    t.source_broken_ = got == http_body_source::broken && source.why;
    const bool all = source.size == http_body_source::unknown || t.taken_ == source.size;
    t.source_failed_ = got > n || (got == 0 && !all);
    if (t.source_failed_) return CURL_READFUNC_ABORT;
    t.taken_ += got;
    return got;
}

int transfer::on_seek(void* self, curl_off_t offset, int origin) {
    auto& t = *static_cast<transfer*>(self);
    const auto& source = t.request_->body_source;
    if (offset != 0 || origin != SEEK_SET || !source || !source->rewind)
        return CURL_SEEKFUNC_CANTSEEK;
    t.taken_ = 0;
    return source->rewind() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

// Curl sends a request again by itself when a kept connection turns out dead. The server may have
// acted on the first copy, so only methods that may be repeated are.
int transfer::on_prerequest(void* self, char*, char*, int, int) {
    auto& t = *static_cast<transfer*>(self);
    ++t.sent_;
    return t.sent_ > 1 && !is_idempotent(t.request_->method) ? CURL_PREREQFUNC_ABORT
                                                             : CURL_PREREQFUNC_OK;
}

effect transfer::effect_so_far() const {
    return sent_ > 0 ? effect::unknown : effect::none;
}

result<http_response> transfer::finish(CURLcode code, const std::string& origin) {
    if (code != CURLE_OK || over_limit_) {
        auto e = failure(code, origin);
        response_ = {};
        return e;
    }
    response_.effective_url = request_->url;
    if (decode_ && find_header(response_.headers, "content-encoding")) {
        std::erase_if(response_.headers, [](const http_header& h) {
            return h.name == "content-encoding" || h.name == "content-length";
        });
    }
    return std::move(response_);
}

error transfer::failure(CURLcode code, const std::string& origin) const {
    const std::string where = request_->method + " " + origin + ": ";
    error e;
    if (over_limit_) {
        e = error(category::limit, "http.response.too-large",
                  where + "the response is larger than " + std::to_string(max_bytes_) +
                      " bytes; raise max_response_bytes or stream it");
    } else if (header_over_limit_) {
        e = error(category::limit, "http.response.header-too-large",
                  where + "the response header is larger than " + std::to_string(max_header_bytes) +
                      " bytes");
    } else if (sink_refused_) {
        e = error(category::cancelled, "http.response.refused",
                  where + "the receiver of the response body gave up");
    } else if (source_broken_) {
        e = request_->body_source->why();
        e.effect = effect_so_far();
        return std::move(e.context(where + "the content to send"));
    } else if (source_failed_) {
        e = error(category::input, "http.request.body",
                  where + "the request body could not be read to its end");
    } else if (sent_ > 1 && code == CURLE_ABORTED_BY_CALLBACK) {
        e = error(category::unavailable, "http.connection.lost",
                  where + "a kept connection was closed without an answer");
    } else {
        const auto v = judge(code);
        e = error(v.what, v.code, where + v.text);
        if (code == CURLE_OPERATION_TIMEDOUT && sent_ == 0) {
            e.code = "http.timeout.connect";
            e.message = where + "no connection in time";
        }
        // Curl's own words help with connect and TLS; those about URLs or bodies may quote them.
        if (v.before_sending && reason_[0] != '\0') {
            std::string words(reason_);
            std::replace_if(
                words.begin(), words.end(), [](char c) { return c >= 0 && c < 0x20; }, ' ');
            e.message += " (" + words.substr(0, 200) + ")";
        }
        if (v.before_sending) {
            e.effect = effect::none;
            return e;
        }
    }
    e.effect = effect_so_far();
    return e;
}

} // namespace mortise::host
