// SPDX-License-Identifier: Apache-2.0
#include "console/console_files.hpp"

#include <algorithm>

namespace mortise::host {

const console_file* find_console_file(std::string_view path,
                                      std::span<const console_file> in) noexcept {
    if (path == "/") path = "/index.html";
    const auto at = std::find_if(in.begin(), in.end(),
                                 [path](const console_file& f) { return f.path == path; });
    return at == in.end() ? nullptr : &*at;
}

const console_file* find_console_file(std::string_view path) noexcept {
    return find_console_file(path, built_in_console());
}

} // namespace mortise::host
