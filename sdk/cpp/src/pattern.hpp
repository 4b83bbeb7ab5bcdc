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

    // [any-thread] The same one for the same text, for as long as somebody has it: a connector
    // writes the pattern of an id on dozens of fields, and each compiled form takes tens of KiB.
    // ECMAScript; throws std::regex_error when it is none.
    static std::shared_ptr<const pattern> of(const std::string& expression);

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
