// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_memory.hpp"

#include "base/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <sstream>

namespace mortise::host {

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

// A pass under another host says nothing about this one.
constexpr std::string_view made_by = "mortise " MORTISE_HOST_VERSION;

} // namespace

probe_memory::probe_memory(fs::path file) : file_(std::move(file)) {
    if (!file_.empty()) load();
}

void probe_memory::load() {
    std::ifstream in(file_, std::ios::binary);
    if (!in) return;
    std::stringstream text;
    text << in.rdbuf();
    try {
        const auto value = json::parse(text.str());
        if (value.at("host").as_string() != made_by) return;
        for (const auto& entry : value.at("passed").as_array()) {
            facts f{.size = entry.at("size").to_number<std::uint64_t>(),
                    .mtime_ns = entry.at("mtime_ns").to_number<std::int64_t>(),
                    .ctime_ns = entry.at("ctime_ns").to_number<std::int64_t>(),
                    .device = entry.at("device").to_number<std::uint64_t>(),
                    .inode = entry.at("inode").to_number<std::uint64_t>(),
                    .sha256 = std::string(entry.at("sha256").as_string())};
            passed_.emplace(std::string(entry.at("path").as_string()), std::move(f));
        }
    } catch (const std::exception& e) {
        passed_.clear();
        log(log_level::warn,
            "the list of plugins that passed is unreadable; all are looked at again",
            {{"file", file_.string()}, {"reason", e.what()}});
    }
}

bool probe_memory::passed(const plugin_file& f) const {
    const auto it = passed_.find(f.path.string());
    return it != passed_.end() && it->second.size == f.size && it->second.mtime_ns == f.mtime_ns &&
           it->second.sha256 == f.sha256;
}

std::optional<std::string> probe_memory::known_hash(const plugin_file& f) const {
    const auto it = passed_.find(f.path.string());
    if (it == passed_.end()) return std::nullopt;
    const facts& k = it->second;
    if (k.size != f.size || k.mtime_ns != f.mtime_ns || k.ctime_ns != f.ctime_ns ||
        k.device != f.device || k.inode != f.inode)
        return std::nullopt;
    return k.sha256;
}

void probe_memory::remember(const plugin_file& f) {
    passed_.insert_or_assign(f.path.string(),
                             facts{f.size, f.mtime_ns, f.ctime_ns, f.device, f.inode, f.sha256});
    changed_ = true;
}

void probe_memory::save() {
    if (!changed_ || file_.empty()) return;
    std::error_code ec;
    std::erase_if(passed_, [&](const auto& entry) { return !fs::exists(entry.first, ec) && !ec; });
    json::array passed;
    for (const auto& [path, f] : passed_) {
        passed.push_back(json::object{{"path", path},
                                      {"size", f.size},
                                      {"mtime_ns", f.mtime_ns},
                                      {"ctime_ns", f.ctime_ns},
                                      {"device", f.device},
                                      {"inode", f.inode},
                                      {"sha256", f.sha256}});
    }
    const json::object all{{"host", made_by}, {"passed", std::move(passed)}};
    // Written aside and renamed, so that a crash leaves the old list or the new one.
    const fs::path aside = file_.string() + ".new";
    {
        std::ofstream out(aside, std::ios::binary | std::ios::trunc);
        out << json::serialize(all) << '\n';
        out.close();
        if (!out) ec = std::make_error_code(std::errc::io_error);
    }
    if (!ec) fs::rename(aside, file_, ec);
    if (ec) {
        log(log_level::warn, "the list of plugins that passed cannot be written",
            {{"file", file_.string()}, {"reason", ec.message()}});
        return;
    }
    changed_ = false;
}

} // namespace mortise::host
