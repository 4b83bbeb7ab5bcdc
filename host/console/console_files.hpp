// SPDX-License-Identifier: Apache-2.0
//
// The files of the web console that are built into the program.
#pragma once

#include <span>
#include <string_view>

namespace mortise::host {

// Its texts and bytes live as long as the program.
struct console_file {
    std::string_view path; // "/index.html"
    std::string_view type; // for content-type
    std::string_view etag; // of the bytes, without quotes
    std::string_view bytes;
    std::string_view gzip; // the same, compressed; empty where that saves nothing
    bool forever = false;  // its name changes with its bytes
};

// In order of path; empty in a program that was built without the console. [any-thread]
std::span<const console_file> built_in_console() noexcept;

// By path, "/" being the index; null when there is none. Paths are compared byte by byte, so
// nothing that is not in the table can be reached. [any-thread]
const console_file* find_console_file(std::string_view path,
                                      std::span<const console_file> in) noexcept;
const console_file* find_console_file(std::string_view path) noexcept;

} // namespace mortise::host
