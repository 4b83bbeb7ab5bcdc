// SPDX-License-Identifier: Apache-2.0
#include "cli/shipped.hpp"

namespace mortise::host::cli {

std::filesystem::path shipped_plugins(const common& c) {
    std::error_code ec;
    const auto folder = c.program.parent_path().parent_path() / "lib/mortise/plugins";
    return std::filesystem::is_directory(folder, ec) ? folder : std::filesystem::path();
}

} // namespace mortise::host::cli
