// SPDX-License-Identifier: Apache-2.0
// In the place of the bundle when the program is built without it.
#include "console/console_files.hpp"

namespace mortise::host {

std::span<const console_file> built_in_console() noexcept {
    return {};
}

} // namespace mortise::host
