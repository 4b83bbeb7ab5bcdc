// SPDX-License-Identifier: Apache-2.0
#include "base/stored_json.hpp"

#include <boost/json/parse.hpp>

namespace mortise::host {

boost::json::value stored_json(std::string_view text) {
    if (text.empty()) return nullptr;
    boost::system::error_code ec;
    auto value = boost::json::parse(text, ec);
    if (ec) return boost::json::value(text);
    return value;
}

} // namespace mortise::host
