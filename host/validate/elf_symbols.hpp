// SPDX-License-Identifier: Apache-2.0
//
// The symbols a shared library offers to others, read from the file as the dynamic linker would
// find them. Needs no tools and works on stripped files. Nothing in the file is believed: every
// offset is checked. [any-thread]
#pragma once

#include <mortise/sdk/error.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mortise::host {

struct elf_symbol {
    enum class binding { global, weak, unique };

    std::string name;
    binding bound = binding::global;
};

// Defined dynamic symbols that other objects can see, in the order of the table. Fails with
// category INPUT when the bytes are not a 64-bit little-endian shared library, or are damaged.
result<std::vector<elf_symbol>> exported_symbols(std::span<const unsigned char> file);
result<std::vector<elf_symbol>> exported_symbols(const std::filesystem::path& file);

} // namespace mortise::host
