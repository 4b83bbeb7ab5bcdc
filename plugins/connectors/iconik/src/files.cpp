// SPDX-License-Identifier: Apache-2.0
//
// files.list, proxies.list, keyframes.list.
#include "connector.hpp"

#include <utility>

namespace iconik {

namespace json = mortise::json;

mortise::task<json::object>
connector::list_parts(context& c, parts_list in, std::string kind, std::string word) {
    address url = client_.to("files/v1/assets");
    url.part(in.asset_id).part(kind);
    // Off by default for files, on for the others; said in each case, so that the lists are alike.
    url.query("generate_signed_url", "true");
    subject_of about(word, "the " + kind + " of asset " + in.asset_id);
    const auto limit = static_cast<std::size_t>(in.limit);
    json::array list = co_await client_.list_by_last_id(c, std::move(url), std::move(about), limit);
    if (in.download_urls && kind != "keyframes") {
        for (auto& part : list) {
            const std::string id = text_at(part, "id");
            if (!is_id(id)) continue;
            address link = client_.to("files/v1/assets");
            std::string text =
                link.part(in.asset_id).part(kind).part(id).part("download_url").str();
            subject_of what(word, "the download link of " + word + " " + id);
            // 404: no bytes behind it (yet).
            const auto answer = co_await client_.find(c, std::move(text), std::move(what));
            if (answer) part.as_object()["download_url"] = text_at(*answer, "url");
        }
    }
    json::object out;
    out[kind] = std::move(list);
    co_return std::move(out);
}

mortise::task<json::object> connector::list_files(context& c, parts_list in) {
    return list_parts(c, std::move(in), "files", "file");
}

mortise::task<json::object> connector::list_proxies(context& c, parts_list in) {
    return list_parts(c, std::move(in), "proxies", "proxy");
}

mortise::task<json::object> connector::list_keyframes(context& c, parts_list in) {
    return list_parts(c, std::move(in), "keyframes", "keyframe");
}

} // namespace iconik
