// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/abi.hpp>
#include <mortise/sdk/completion.hpp>

namespace mortise {

completion& completion::operator=(completion&& other) noexcept {
    if (this != &other) {
        completion old(std::move(*this)); // pays the debt of the old one at the end
        service_ = other.service_;
        call_ = std::exchange(other.call_, 0);
    }
    return *this;
}

completion::~completion() {
    if (!call_) return;
    // Built without memory: this may run because there is none.
    mortise_error e{};
    e.struct_size = sizeof(e);
    e.category = MORTISE_CAT_INTERNAL;
    e.code = c_str_of("sdk.call.dropped");
    e.message = c_str_of("The call was dropped without an answer.");
    service_->fail(service_->ctx, std::exchange(call_, 0), &e);
}

void completion::complete(const std::string* json, content_stream content) noexcept {
    if (!call_) return;
    mortise_payload payload{};
    if (json) payload = json_payload(*json);
    const mortise_handle handle = content.handle();
    if (service_->complete(service_->ctx, std::exchange(call_, 0), json ? &payload : nullptr,
                           handle) == MORTISE_OK) {
        content.release();
    }
}

void completion::fail(const error& e) noexcept {
    if (!call_) return;
    const mortise_error c = to_c(e);
    service_->fail(service_->ctx, std::exchange(call_, 0), &c);
}

} // namespace mortise
