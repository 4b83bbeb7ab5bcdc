// SPDX-License-Identifier: Apache-2.0
// Regular expressions of schemas. Apart from the rest because <regex> is large and warns under the
// sanitizers. Private to the SDK.
#pragma once

#include <memory>
#include <string>

namespace mortise::detail {

class pattern {
public:
    // std::regex descends once per character: longer text is not looked at.
    static constexpr std::size_t max_text = 2048;

    // ECMAScript; throws std::regex_error when it is none.
    explicit pattern(const std::string& expression);
    ~pattern();
    pattern(const pattern&) = delete;
    pattern& operator=(const pattern&) = delete;
    bool found_in(const std::string& text) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace mortise::detail
