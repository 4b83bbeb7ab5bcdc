// SPDX-License-Identifier: Apache-2.0
#include "kit/router.hpp"

#include <algorithm>

namespace mortise::sandbox {

namespace {

bool is_capture(const std::string& s) {
    return s.size() > 2 && s.front() == '{' && s.back() == '}';
}
bool is_rest(const std::string& s) {
    return s == "**" || (is_capture(s) && s[s.size() - 2] == '*');
}

// Smaller is more specific: compared segment by segment, a literal before a capture before a rest.
std::vector<int> weight(const std::vector<std::string>& pattern) {
    std::vector<int> out;
    for (const std::string& s : pattern)
        out.push_back(is_rest(s) ? 2 : is_capture(s) || s == "*" ? 1 : 0);
    return out;
}

} // namespace

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end != 0) out.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return out;
}

bool path_matches(const std::vector<std::string>& pattern,
                  const std::vector<std::string>& path,
                  std::map<std::string, std::string>* captures) {
    std::map<std::string, std::string> found;
    std::size_t i = 0;
    for (; i < pattern.size(); ++i) {
        const std::string& p = pattern[i];
        if (is_rest(p)) {
            std::string rest;
            for (std::size_t j = i; j < path.size(); ++j)
                rest += (j == i ? "" : "/") + path[j];
            if (p != "**") found[p.substr(1, p.size() - 3)] = rest;
            if (captures) *captures = std::move(found);
            return true;
        }
        if (i >= path.size()) return false;
        if (is_capture(p))
            found[p.substr(1, p.size() - 2)] = path[i];
        else if (p != "*" && p != path[i])
            return false;
    }
    if (i != path.size()) return false;
    if (captures) *captures = std::move(found);
    return true;
}

router& router::route(std::string method, std::string pattern, handler h, std::string name) {
    if (name.empty()) name = pattern;
    entries_.push_back({std::move(method), split_path(pattern), std::move(name), std::move(h)});
    return *this;
}

router& router::alias(std::string from, std::string to) {
    aliases_.emplace_back(split_path(from), split_path(to));
    return *this;
}

router& router::fallback(handler h) {
    fallback_ = std::move(h);
    return *this;
}

router::match router::find(request& r) const {
    for (const auto& [from, to] : aliases_) {
        if (r.segments.size() < from.size() ||
            !std::equal(from.begin(), from.end(), r.segments.begin()))
            continue;
        std::vector<std::string> segments = to;
        segments.insert(segments.end(),
                        r.segments.begin() + static_cast<std::ptrdiff_t>(from.size()),
                        r.segments.end());
        const bool slash = !r.path.empty() && r.path.back() == '/';
        r.segments = std::move(segments);
        r.path.clear();
        for (const std::string& s : r.segments)
            r.path += "/" + s;
        if (slash || r.path.empty()) r.path += '/';
        break;
    }

    const entry* best = nullptr;
    std::vector<int> best_weight;
    match out;
    bool get_allowed = false;
    for (const entry& e : entries_) {
        if (!path_matches(e.pattern, r.segments)) continue;
        if (out.allow.find(e.method) == std::string::npos)
            out.allow += (out.allow.empty() ? "" : ", ") + e.method;
        get_allowed = get_allowed || e.method == "GET";
        const bool head = r.method == "HEAD" && e.method == "GET";
        if (e.method != r.method && e.method != "*" && !head) continue;
        std::vector<int> w = weight(e.pattern);
        if (!best || w < best_weight) {
            best = &e;
            best_weight = std::move(w);
        }
    }
    if (best) {
        path_matches(best->pattern, r.segments, &r.params);
        r.route = best->name;
        out.run = &best->run;
        out.name = best->name;
        out.pattern = best->pattern;
        out.allow.clear();
    } else if (out.allow.empty() && fallback_) {
        out.run = &fallback_;
    } else if (get_allowed) {
        out.allow += ", HEAD";
    }
    return out;
}

std::vector<std::string> router::names() const {
    std::vector<std::string> out;
    for (const entry& e : entries_)
        out.push_back(e.method + " " + e.name);
    return out;
}

} // namespace mortise::sandbox
