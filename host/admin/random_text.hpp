// SPDX-License-Identifier: Apache-2.0
// Secrets made here: tokens, session ids, codes. [any-thread]
#pragma once

#include <string>
#include <string_view>

namespace mortise::host {

// 256 bits of the operating system's generator, as 43 characters of base64url behind the prefix.
std::string random_text(std::string_view prefix = {});

} // namespace mortise::host
