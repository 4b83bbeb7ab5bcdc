// SPDX-License-Identifier: Apache-2.0
// std::filesystem instead of Boost.Filesystem inside Boost.DLL; only this file uses it.
#define BOOST_DLL_USE_STD_FS
#include "plugin/mapping.hpp"

#include <boost/dll/shared_library.hpp>

#include <map>
#include <mutex>
#include <sys/stat.h>
#include <vector>

namespace mortise::host {

namespace dll = boost::dll;

namespace {

struct mapped {
    std::string sha256;
    std::unique_ptr<dll::shared_library> library;
};

// Never destroyed: a library must outlive every static destructor that may still call into it.
struct mapped_libraries {
    std::mutex mutex;
    std::map<std::filesystem::path, mapped> by_path;
};
mapped_libraries& libraries() {
    static auto* all = new mapped_libraries;
    return *all;
}

// Boost wraps the dynamic linker's sentence; people need the sentence and know the path already.
std::string linker_sentence(std::string text, const std::filesystem::path& file) {
    constexpr std::string_view open = "(dlerror system message: ";
    const auto begin = text.find(open);
    const auto end = text.rfind(')');
    if (begin != std::string::npos && end != std::string::npos && end > begin) {
        text = text.substr(begin + open.size(), end - begin - open.size());
    }
    const std::string prefix = file.string() + ": ";
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    return text;
}

bool is_unchanged(const plugin_file& f) {
    struct stat st {};
    return ::stat(f.path.c_str(), &st) == 0 && st.st_dev == f.device && st.st_ino == f.inode &&
           static_cast<std::uint64_t>(st.st_size) == f.size &&
           std::int64_t{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec == f.mtime_ns;
}

plugin_refusal no_entry(const plugin_file& f, const dll::shared_library& library) {
    constexpr unsigned highest = 32;
    for (unsigned major = 1; major <= highest; ++major) {
        const std::string symbol = "mortise_plugin_entry_v" + std::to_string(major);
        if (major == MORTISE_ABI_MAJOR || !library.has(symbol)) continue;
        const std::string found = "ABI major " + std::to_string(major);
        return {.file = f.path,
                .plugin_id = {},
                .reason_code = "other-abi-major",
                .found = found,
                .wanted = "ABI major " + std::to_string(MORTISE_ABI_MAJOR),
                .message = "it is built for " + found + ", this host speaks ABI major " +
                           std::to_string(MORTISE_ABI_MAJOR),
                .hint = major > MORTISE_ABI_MAJOR
                            ? "Use a newer host, or a build of the plugin for "
                              "this one"
                            : "Get a newer build of the plugin"};
    }
    return {.file = f.path,
            .plugin_id = {},
            .reason_code = "no-entry-symbol",
            .found = "no such symbol",
            .wanted = MORTISE_ENTRY_SYMBOL,
            .message = "it does not export " MORTISE_ENTRY_SYMBOL ", so it is not a plugin",
            .hint = "Build it with mortise_add_plugin(), and define the entry function with "
                    "MORTISE_EXPORT and C linkage"};
}

} // namespace

plugin_result<entry_function> map_library(const plugin_file& file) {
    auto& all = libraries();
    const std::lock_guard lock(all.mutex);
    auto known = all.by_path.find(file.path);
    if (known != all.by_path.end() && known->second.sha256 != file.sha256) {
        return plugin_refusal{
            .file = file.path,
            .plugin_id = {},
            .reason_code = "file-replaced",
            .found = "sha256:" + file.sha256,
            .wanted = "sha256:" + known->second.sha256,
            .message = "its content changed, but the old one stays loaded under this path",
            .hint = "Give the new version a file name of its own, or restart the host"};
    }
    if (known == all.by_path.end()) {
        mapped m{.sha256 = file.sha256, .library = std::make_unique<dll::shared_library>()};
        try {
            // Immediate and local binding; the path is absolute, so no search path is consulted.
            m.library->load(file.path, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
        } catch (const std::exception& e) {
            const std::string why = linker_sentence(e.what(), file.path);
            return plugin_refusal{
                .file = file.path,
                .plugin_id = {},
                .reason_code = "cannot-load",
                .found = why,
                .wanted = "a library whose symbols and libraries are all there",
                .message = "the dynamic linker refuses it: " + why,
                .hint = "Run ldd on it; install the missing library or rebuild the plugin here"};
        }
        if (!is_unchanged(file)) {
            // It stays mapped, under a path whose checked content nobody can vouch for.
            all.by_path.emplace(file.path, mapped{"unknown", std::move(m.library)});
            return plugin_refusal{.file = file.path,
                                  .plugin_id = {},
                                  .reason_code = "changed-while-loading",
                                  .found = "another file",
                                  .wanted = "the file that was checked",
                                  .message = "the file changed while it was being loaded",
                                  .hint = "Write plugins elsewhere and move them into the folder"};
        }
        known = all.by_path.emplace(file.path, std::move(m)).first;
    }
    const dll::shared_library& library = *known->second.library;
    if (!library.has(MORTISE_ENTRY_SYMBOL)) return no_entry(file, library);
    return &library.get<const mortise_entry*()>(MORTISE_ENTRY_SYMBOL);
}

} // namespace mortise::host
