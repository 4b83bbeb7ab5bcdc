// SPDX-License-Identifier: Apache-2.0
// SHA-256 of whole texts and of streams. [any-thread], one stream object per thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace mortise::host {

using sha256_digest = std::array<unsigned char, 32>;

sha256_digest sha256(std::string_view data);
std::string to_hex(const sha256_digest& digest);
inline std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

class sha256_stream {
public:
    sha256_stream();
    ~sha256_stream();
    sha256_stream(sha256_stream&&) noexcept;
    sha256_stream& operator=(sha256_stream&&) noexcept;
    void update(std::string_view data);
    sha256_stream copy() const; // for what it would be if this were all
    sha256_digest finish();     // once

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// Same time whatever the difference; false for unequal lengths.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace mortise::host
