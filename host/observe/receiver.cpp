// SPDX-License-Identifier: Apache-2.0
#include "observe/receiver.hpp"

namespace mortise::host {

result<void>
add_headers(http_request& request, const receiver_headers& headers, const secret_store* secrets) {
    for (const auto& [name, value] : headers.plain)
        request.headers.push_back({name, value});
    for (const auto& [name, secret] : headers.secret) {
        if (secrets == nullptr)
            return error{category::config, "config.secret.unknown", "no secrets are configured"};
        const auto value = secrets->resolve(secret);
        if (!value) return value.error();
        request.headers.push_back({name, std::string(value->view())});
    }
    return {};
}

} // namespace mortise::host
