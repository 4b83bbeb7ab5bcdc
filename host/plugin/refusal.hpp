// SPDX-License-Identifier: Apache-2.0
// Why a plugin file was not taken: what was found, what was wanted, where, and how to mend it.
#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>

namespace mortise::host {

struct plugin_refusal {
    std::filesystem::path file;
    std::string plugin_id;   // empty when the file was refused before its id was read
    std::string reason_code; // stable, e.g. "wrong-abi-major"; the list is in docs/compatibility.md
    std::string found;
    std::string wanted;
    std::string message; // one sentence without the file name
    std::string hint;    // the configuration key or the action that mends it

    // "<file>: [<plugin id>: ]<message>. <hint>" for logs and terminals.
    std::string text() const;
};

[[noreturn]] void throw_exception_from_error(const plugin_refusal& r,
                                             const boost::source_location&);

template <class T>
using plugin_result = boost::system::result<T, plugin_refusal>;

} // namespace mortise::host
