// SPDX-License-Identifier: Apache-2.0
#include "pattern.hpp"

#include <regex>

namespace mortise::detail {

struct pattern::impl {
    std::regex expression;
};

pattern::pattern(const std::string& expression)
    : impl_(std::make_unique<impl>(impl{std::regex(expression, std::regex::ECMAScript)})) {}
pattern::~pattern() = default;

bool pattern::found_in(const std::string& text) const {
    return std::regex_search(text, impl_->expression);
}

} // namespace mortise::detail
