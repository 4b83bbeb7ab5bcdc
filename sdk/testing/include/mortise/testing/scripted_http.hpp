// SPDX-License-Identifier: Apache-2.0
//
// The fake host's HTTP: says beforehand what is answered, keeps what was asked. A request that
// nothing was said about fails and is a violation. Part of the testing kit.
#pragma once

#include <mortise/sdk/error.hpp>
#include <mortise/sdk/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise::testing {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct recorded_request {
    std::string method;
    std::string url;
    header_list headers; // as sent
    std::string body;    // also what came as content
    std::uint64_t call = 0;
    bool cancelled = false; // the plugin asked to abandon it

    // Case does not matter; empty when there is none.
    std::string_view header(std::string_view name) const noexcept;
    json::value json() const { return parse_json(body); }
};

// What a simulated system answers; see scripted_http::serve().
class http_answer {
public:
    http_answer() = default;
    http_answer(std::uint32_t status_code, header_list header_fields, std::string body_text)
        : status(status_code), headers(std::move(header_fields)), body(std::move(body_text)) {}
    static http_answer json(std::uint32_t status, const json::value& body);

    std::uint32_t status = 200;
    header_list headers;
    std::string body;
    std::optional<error> failure; // no response: the error the plugin gets
    bool never = false;           // no answer until the deadline, a cancel or the test's end
    std::optional<std::size_t> cut_after; // the connection ends after this much of the body
};

// One thing that may be asked, and its answer. Answers once unless times() or always() says
// otherwise.
class expectation {
public:
    expectation& reply(std::uint32_t status, header_list headers = {}, std::string body = {});
    expectation& reply_json(std::uint32_t status, const json::value& body);
    // No response: the error the plugin gets.
    expectation& fail(error e);
    // No answer until the plugin cancels or the test ends.
    expectation& never();
    expectation& delay(std::chrono::milliseconds d);
    expectation& times(unsigned n);
    expectation& always();
    // A further condition on the request.
    expectation& when(std::function<bool(const recorded_request&)> condition);

private:
    friend class scripted_http;
    friend struct http_script_access;
    std::string method_;
    std::string url_;
    std::function<bool(const recorded_request&)> condition_;
    std::uint32_t status_ = 200;
    header_list headers_;
    std::string body_;
    std::optional<error> failure_;
    bool never_ = false;
    std::optional<std::size_t> cut_after_;
    std::chrono::milliseconds delay_{0};
    unsigned left_ = 1;
    bool always_ = false;
};

class scripted_http {
public:
    scripted_http();
    ~scripted_http();
    // url: the whole address; '*' stands for any text. The first that fits and has answers left is
    // used.
    expectation& expect(std::string method, std::string url);
    // Who answers what no expectation fits: a system in memory. Called when the request is made, so
    // its effect comes before the answer does.
    using system = std::function<http_answer(const recorded_request&)>;
    void serve(system answers) { system_ = std::move(answers); }
    const std::vector<recorded_request>& requests() const noexcept { return requests_; }
    // "GET https://..." of what was expected but not asked.
    std::vector<std::string> unmet() const;

private:
    friend struct http_script_access;
    std::vector<std::unique_ptr<expectation>> script_;
    system system_;
    std::vector<recorded_request> requests_;
};

} // namespace mortise::testing
