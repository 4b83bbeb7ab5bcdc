// SPDX-License-Identifier: Apache-2.0
#include "base/footprint.hpp"

#include <charconv>
#include <cstdint>
#include <dlfcn.h>
#include <exception>
#include <fstream>
#include <link.h>
#include <malloc.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

// Of mimalloc, where the program is linked with it (mortise_allocator).
extern "C" __attribute__((weak)) void mi_collect(bool force);

namespace mortise::host {
namespace {

struct range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

struct mapped_file {
    std::uintptr_t base = 0;
    std::vector<range> unchanged; // cannot be written, and nobody did all the same
};

// "55d0c8a00000-55d0c8a21000 r-xp 00021000 fd:00 1234    /usr/lib/libx.so"
bool is_header(std::string_view line) {
    const auto space = line.find(' ');
    return space != std::string_view::npos && line.substr(0, space).find('-') < space;
}

std::uintptr_t hex(std::string_view text) {
    std::uintptr_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

std::map<std::string, mapped_file> mapped_files() {
    std::map<std::string, mapped_file> out;
    mapped_file* file = nullptr;
    range now;
    bool fixed = false;
    std::ifstream in("/proc/self/smaps");
    for (std::string line; std::getline(in, line);) {
        if (is_header(line)) {
            const auto name = line.find('/');
            const auto rights = line.find(' ') + 1;
            file = name == std::string::npos ? nullptr : &out[line.substr(name)];
            now = {hex(std::string_view(line).substr(0, line.find('-'))),
                   hex(std::string_view(line).substr(line.find('-') + 1))};
            fixed = line[rights + 1] == '-' && line[rights + 3] == 'p';
            if (file != nullptr && file->base == 0) file->base = now.begin;
        } else if (file != nullptr && fixed && line.starts_with("Anonymous:")) {
            if (line.find_first_of("123456789") == std::string::npos)
                file->unchanged.push_back(now);
        } else if (file != nullptr && fixed && line.starts_with("Swap:")) {
            // Changed pages that are swapped out count as such, and not as anonymous.
            if (line.find_first_of("123456789") != std::string::npos && !file->unchanged.empty() &&
                file->unchanged.back().begin == now.begin)
                file->unchanged.pop_back();
        }
    }
    return out;
}

// Keeps a library where it is: between looking and giving back, another thread could unload it and
// get the same addresses for something else. Only what is still loaded there may be touched.
class pinned_library {
public:
    pinned_library(const std::string& file, std::uintptr_t base)
        : base_(base), handle_(::dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
        link_map* map = nullptr;
        if (handle_ != nullptr && ::dlinfo(handle_, RTLD_DI_LINKMAP, &map) == 0)
            is_there_ = map->l_addr == base;
    }
    ~pinned_library() {
        if (handle_ != nullptr) ::dlclose(handle_);
    }
    pinned_library(const pinned_library&) = delete;
    pinned_library& operator=(const pinned_library&) = delete;
    bool is_at(std::uintptr_t base) const noexcept { return is_there_ && base == base_; }

private:
    const std::uintptr_t base_;
    void* handle_;
    bool is_there_ = false;
};

std::string own_program() {
    std::string path(4096, '\0');
    const auto n = ::readlink("/proc/self/exe", path.data(), path.size());
    path.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return path;
}

void give_back_code() {
    const std::string program = own_program();
    std::map<std::string, pinned_library> pins;
    for (const auto& [name, file] : mapped_files())
        if (!file.unchanged.empty()) pins.try_emplace(name, name, file.base);
    // Anew: what is pinned is loaded to its end. Before that the loader maps all of a file with the
    // rights of its first part, what it will relocate included.
    for (const auto& [name, file] : mapped_files()) {
        const auto pin = pins.find(name);
        const bool stays = pin != pins.end() && pin->second.is_at(file.base);
        if (!stays && name != program) continue; // the program itself is never unloaded
        for (const auto& r : file.unchanged)
            ::madvise(reinterpret_cast<void*>(r.begin), r.end - r.begin, MADV_DONTNEED); // NOLINT
    }
}

} // namespace

void give_back_memory() noexcept {
    if (mi_collect != nullptr) mi_collect(true);
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
    try {
        give_back_code();
    } catch (const std::exception&) { // no memory to look with: nothing is given back
    }
}

} // namespace mortise::host
