// SPDX-License-Identifier: Apache-2.0
//
// How the command line on the same machine finds the running host and proves that it may: two files
// in the state folder, new at each start, gone at the end.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace mortise::host {

class admin_files {
public:
    // Makes a new token and writes it to <folder>/admin-token, for the owner only (0600).
    static result<admin_files> make(const std::filesystem::path& folder);

    const std::string& token() const noexcept { return token_; }
    // Once it listens: <folder>/admin-address, "127.0.0.1:8081" or "https://127.0.0.1:8081".
    result<void> write_address(const admin_config& config, std::uint16_t port);
    // Removes both, unless another start has written them anew.
    void remove() const;

private:
    std::filesystem::path folder_;
    std::string token_;
    std::string address_;
};

} // namespace mortise::host
