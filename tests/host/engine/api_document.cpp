// SPDX-License-Identifier: Apache-2.0
#include "api_document.hpp"

#include "config/schema.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace mortise::host::testing {
namespace {

namespace json = boost::json;

std::vector<std::string_view> parts(std::string_view path) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        if (end > at) out.push_back(path.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

const json::value& at_pointer(const json::value& document, std::string_view reference) {
    if (!reference.starts_with("#/"))
        throw std::runtime_error("a reference to elsewhere: " + std::string(reference));
    boost::system::error_code ec;
    const auto pointer = reference.substr(1);
    const auto* found = document.find_pointer({pointer.data(), pointer.size()}, ec);
    if (found == nullptr)
        throw std::runtime_error("a reference to nothing: " + std::string(reference));
    return *found;
}

} // namespace

api_document::api_document(json::value document) : document_(std::move(document)) {}
api_document::~api_document() = default;

json::value api_document::resolved(const json::value& v) const {
    if (const auto* list = v.if_array()) {
        json::array out;
        for (const auto& one : *list)
            out.push_back(resolved(one));
        return out;
    }
    const auto* o = v.if_object();
    if (o == nullptr) return v;
    if (const auto* ref = o->if_contains("$ref"); ref != nullptr && ref->is_string())
        return resolved(at_pointer(document_, std::string_view(ref->get_string())));
    json::object out;
    for (const auto& member : *o)
        out[member.key()] = resolved(member.value());
    return out;
}

const json::object* api_document::path_item(std::string_view path) const {
    const auto asked = parts(path);
    const json::object* best = nullptr;
    std::size_t fewest = asked.size() + 1;
    for (const auto& item : document_.at("paths").as_object()) {
        const auto pattern = parts(std::string_view(item.key()));
        if (pattern.size() != asked.size()) continue;
        std::size_t open = 0;
        bool fits = true;
        for (std::size_t i = 0; fits && i < asked.size(); ++i) {
            if (pattern[i].starts_with('{'))
                ++open;
            else
                fits = pattern[i] == asked[i];
        }
        if (!fits || open >= fewest) continue;
        best = &item.value().as_object();
        fewest = open;
    }
    return best;
}

std::string api_document::body_misfit(const json::object& media,
                                      const test::http_reply& reply) const {
    const auto type = reply.header("content-type");
    const auto* declared = media.if_contains(type);
    if (declared == nullptr) return "the content type " + type + " is not declared\n";
    if (type != "application/json" && !type.ends_with("+json")) return {};
    boost::system::error_code ec;
    const auto body = json::parse(reply.body, ec);
    if (ec) return "the body is not JSON\n";
    auto& wanted = schemas_[declared];
    if (!wanted) wanted = std::make_unique<schema>(resolved(declared->at("schema")).as_object());
    if (!wanted->valid())
        return "the schema is outside the subset: " + wanted->problems().front().pointer + ' ' +
               wanted->problems().front().message + '\n';
    std::string out;
    for (const auto& p : wanted->check(body, {.closed = true}))
        out += p.pointer + ": " + p.message + '\n';
    return out;
}

std::string api_document::misfit(std::string_view method,
                                 std::string_view path,
                                 const test::http_reply& reply) const {
    const auto status = std::to_string(reply.status);
    const auto range = status.substr(0, 1) + "XX";
    const auto& problem =
        document_.at("components").at("responses").at("problem").at("content").as_object();
    const auto* item = path_item(path.substr(0, path.find('?')));
    // The rest is the console's.
    if (item == nullptr && !path.starts_with("/api/")) return {};
    if (item == nullptr)
        return (reply.status == 404 ? std::string() : "the path is not declared\n") +
               body_misfit(problem, reply);
    std::string name(method);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto* operation = item->if_contains(name);
    if (operation == nullptr)
        return (reply.status == 405 ? std::string() : "the method is not declared\n") +
               body_misfit(problem, reply);
    const auto& responses = operation->at("responses").as_object();
    const auto* response = responses.if_contains(status);
    if (response == nullptr) response = responses.if_contains(range);
    if (response == nullptr) return "the status " + status + " is not declared\n";
    if (const auto* ref = response->get_object().if_contains("$ref"))
        response = &at_pointer(document_, std::string_view(ref->get_string()));
    const auto* content = response->get_object().if_contains("content");
    if (content != nullptr) return body_misfit(content->get_object(), reply);
    return reply.body.empty() ? std::string() : "a body is not declared\n";
}

} // namespace mortise::host::testing
