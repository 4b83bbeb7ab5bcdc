// SPDX-License-Identifier: Apache-2.0
//
// Reads single values, structs and arrays of a plugin's descriptors without believing them. Each
// step is true when it went well; otherwise the first thing that is wrong stands in refusal(), and
// the caller stops, so that later steps may rely on the earlier ones. One thread at a time.
#pragma once

#include "plugin/refusal.hpp"

#include <mortise/core.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

// "\"text\"", cut when it is long.
std::string in_quotes(std::string_view text);

class descriptor_reader {
public:
    explicit descriptor_reader(const std::filesystem::path& file) { refusal_.file = file; }
    plugin_refusal& refusal() noexcept { return refusal_; }

    static constexpr const char* rebuild = "Rebuild the plugin with the SDK's macros, or fill the "
                                           "struct as its header says";

    // Always false, so that a check can end with `return refuse(...)`.
    bool refuse(std::string code,
                std::string found,
                std::string wanted,
                std::string message,
                std::string hint);

    // `what` names the value in messages: "connector \"acme\": title".
    bool text(std::string& out, mortise_str s, const std::string& what);
    bool id(std::string& out,
            mortise_str s,
            const std::string& what,
            bool (*is_well_formed)(std::string_view) noexcept,
            const char* rule);
    bool member_id(std::string& out, mortise_str s, const std::string& what);
    bool factory_id(std::string& out, mortise_str s, const std::string& what);
    bool version(std::string& out, mortise_str s, const std::string& what);
    bool schema(std::string& out, mortise_str s, const std::string& what);
    bool each_text(const mortise_str* first,
                   std::uint64_t n,
                   const std::string& what,
                   std::vector<std::string>& out);
    bool unique(std::set<std::string>& seen, const std::string& name, const std::string& what);
    bool need(bool present, const std::string& owner, const char* function);

    // Copies what both sides know of a struct that claims this struct_size; the rest of out is
    // zero.
    template <class T>
    bool read_struct(T& out,
                     const void* p,
                     std::uint32_t claimed,
                     std::size_t minimum,
                     const char* code,
                     const std::string& what) {
        if (!check_size(claimed, minimum, code, what)) return false;
        out = T{};
        std::memcpy(&out, p, std::min<std::size_t>(claimed, sizeof(T)));
        return true;
    }

    // Walks an array of growable structs by its stride: take(element, "what[i]") while it is true.
    template <class T, class F>
    bool each(const T* first,
              std::uint64_t n,
              std::uint32_t stride,
              std::size_t minimum,
              const std::string& what,
              F take) {
        if (n == 0) return true;
        if (!check_count(first, n, what) || !check_stride(stride, minimum, alignof(T), what))
            return false;
        const auto* bytes = reinterpret_cast<const unsigned char*>(first);
        for (std::uint64_t i = 0; i < n; ++i, bytes += stride) {
            const std::string one = what + "[" + std::to_string(i) + "]";
            std::uint32_t claimed = 0;
            std::memcpy(&claimed, bytes, sizeof claimed);
            T element{};
            if (!check_element(claimed, stride, one) ||
                !read_struct(element, bytes, claimed, minimum, "short-descriptor", one) ||
                !take(element, one))
                return false;
        }
        return true;
    }

private:
    bool check_size(std::uint32_t claimed,
                    std::size_t minimum,
                    const char* code,
                    const std::string& what);
    bool check_count(const void* p, std::uint64_t n, const std::string& what);
    bool check_stride(std::uint32_t stride,
                      std::size_t minimum,
                      std::size_t alignment,
                      const std::string& what);
    bool check_element(std::uint32_t claimed, std::uint32_t stride, const std::string& one);

    plugin_refusal refusal_;
};

} // namespace mortise::host
