// SPDX-License-Identifier: Apache-2.0
// The facts of one plugin file, without judging who may write it. Used by scan() and by the child
// of inspect_in_child(), whose parent has judged already. [any-thread]
#pragma once

#include "plugin/library.hpp"

namespace mortise::host {

// Opens the file, refuses what is not a 64-bit shared library for this processor, and hashes it,
// unless known_hash (may be null) has its hash.
plugin_result<plugin_file> read_plugin_file(
    const std::filesystem::path& file,
    const std::function<std::optional<std::string>(const plugin_file&)>& known_hash = nullptr);

} // namespace mortise::host
