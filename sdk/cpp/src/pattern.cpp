// SPDX-License-Identifier: Apache-2.0
#include "pattern.hpp"

#include <map>
#include <mutex>
#include <regex>

namespace mortise::detail {

struct pattern::impl {
    std::regex expression;
};

pattern::pattern(const std::string& expression)
    : impl_(std::make_unique<impl>(impl{std::regex(expression, std::regex::ECMAScript)})) {}
pattern::~pattern() = default;

std::shared_ptr<const pattern> pattern::of(const std::string& expression) {
    struct known_patterns {
        std::mutex mutex;
        std::map<std::string, std::weak_ptr<const pattern>> by_text;
    };
    // Never destroyed: schemas of other statics may go away later.
    static auto& known = *new known_patterns;
    const std::lock_guard lock(known.mutex);
    if (const auto at = known.by_text.find(expression); at != known.by_text.end())
        if (auto shared = at->second.lock()) return shared;
    auto fresh = std::make_shared<const pattern>(expression);
    std::erase_if(known.by_text, [](const auto& entry) { return entry.second.expired(); });
    known.by_text[expression] = fresh;
    return fresh;
}

bool pattern::found_in(const std::string& text) const {
    return std::regex_search(text, impl_->expression);
}

} // namespace mortise::detail
