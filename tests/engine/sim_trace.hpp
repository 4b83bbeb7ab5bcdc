// SPDX-License-Identifier: Apache-2.0
// What happened in a simulation, line by line: always as a digest, to compare two runs of a seed,
// and as text when somebody wants to read it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host::testing {

class sim_trace {
public:
    explicit sim_trace(bool keep) : keep_(keep) {}

    void note(std::uint64_t at_ns, std::initializer_list<std::string_view> words) {
        add(std::string_view(reinterpret_cast<const char*>(&at_ns), sizeof at_ns));
        for (const auto w : words) {
            add(w);
            add(" ");
        }
        if (!keep_) return;
        std::string line = std::to_string(at_ns / 1'000'000) + " ms ";
        for (const auto w : words) {
            line += ' ';
            line += w;
        }
        lines_.push_back(std::move(line));
    }
    bool kept() const noexcept { return keep_; }
    std::uint64_t digest() const noexcept { return digest_; }
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    void add(std::string_view bytes) { // FNV-1a
        for (const char c : bytes) {
            digest_ ^= static_cast<unsigned char>(c);
            digest_ *= 0x100000001B3u;
        }
    }
    const bool keep_;
    std::uint64_t digest_ = 0xCBF29CE484222325u;
    std::vector<std::string> lines_;
};

} // namespace mortise::host::testing
