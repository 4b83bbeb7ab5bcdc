// SPDX-License-Identifier: Apache-2.0
// The digests systems name for their files, by name: md5, sha1, sha256, sha512, xxh64, xxh3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mortise::host {

class content_digest {
public:
    content_digest(); // SHA-256
    // Case and hyphens do not matter ("SHA-1"). Nothing for an unknown name.
    static std::optional<content_digest> of(std::string_view algorithm);
    ~content_digest();
    content_digest(content_digest&&) noexcept;
    content_digest& operator=(content_digest&&) noexcept;

    void update(std::string_view bytes);
    std::string hex() const; // of what came so far, lower case

    // The name as of() knows it: "SHA-1" is "sha1".
    static std::string plain_name(std::string_view algorithm);

private:
    struct impl;
    explicit content_digest(std::unique_ptr<impl> it);
    std::unique_ptr<impl> it_;
};

} // namespace mortise::host
