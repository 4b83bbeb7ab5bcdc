// SPDX-License-Identifier: Apache-2.0
//
// The debt of an accepted call: exactly one answer. Move-only; destroyed unpaid it fails the call
// with INTERNAL, so the host never waits for ever.
#pragma once

#include <mortise/call.h>
#include <mortise/sdk/content.hpp>
#include <mortise/sdk/error.hpp>

#include <string_view>
#include <utility>

namespace mortise {

class completion {
public:
    completion() noexcept = default;
    completion(const mortise_svc_call& service, mortise_handle call) noexcept
        : service_(&service), call_(call) {}
    completion(completion&& other) noexcept
        : service_(other.service_), call_(std::exchange(other.call_, 0)) {}
    completion& operator=(completion&& other) noexcept;
    ~completion();

    explicit operator bool() const noexcept { return call_ != 0; }
    // [any-thread] Both pay the debt; nothing happens when it was paid before. json: the result's
    // text, a null pointer for none.
    void complete(const std::string* json, content_stream content) noexcept;
    void fail(const error& e) noexcept;

private:
    const mortise_svc_call* service_ = nullptr;
    mortise_handle call_ = 0;
};

} // namespace mortise
