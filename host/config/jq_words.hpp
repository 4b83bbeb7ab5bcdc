// SPDX-License-Identifier: Apache-2.0
//
// The first layer of jq.hpp: which words an expression uses, without libjq.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

struct jq_token {
    enum class type {
        op,       // punctuation, text in `text`
        word,     // function or keyword
        field,    // .name
        variable, // $name
        number,
        format,     // @name
        text_begin, // opening quote
        text_chars, // a stretch without interpolation
        text_end,   // closing quote
    };
    type is = type::op;
    std::string_view text; // into the expression
};

struct jq_shape {
    // Goes over its input once at most and calls nothing that could take long.
    bool simple = false;
    // Certainly valid jq: compiling can wait until it is needed.
    bool plain = false;
    // Definitions to be put in front: the checked fronts of what the expression uses.
    std::string prelude;
};

// Errors: category config, naming the word and what to write instead.
result<std::vector<jq_token>> jq_tokens(std::string_view text);
result<jq_shape> check_jq_words(std::string_view text);

} // namespace mortise::host
