// SPDX-License-Identifier: Apache-2.0
// Proxies and keyframes: made by transcoding, or registered by a client.
#include "iconik/system.hpp"

#include <array>

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

// A PNG of one dark pixel: every viewer shows it.
std::string small_png() {
    static constexpr std::array<unsigned char, 67> bytes{
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
        0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
        0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
        0x9c, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00,
        0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

std::string iconik_system::start_transcode(const std::string& asset_id,
                                           const std::string& version_id) {
    const std::string job =
        text_of(create_job("TRANSCODE", "Transcode " + text_of(assets_.need(asset_id), "title"),
                           "assets", asset_id),
                "id");
    run_job(job, [this, asset_id, version_id] { make_proxies(asset_id, version_id); });
    return job;
}

void iconik_system::make_proxies(const std::string& asset_id, const std::string& version_id) {
    doc& a = assets_.need(asset_id);
    const std::string proxy_storage = storage_for("PROXIES");
    const std::string keyframe_storage = storage_for("KEYFRAMES");
    const std::string proxy_id = ids().uuid();
    const std::string title = text_of(a, "title");
    proxies_.add({{"id", proxy_id},
                  {"asset_id", asset_id},
                  {"version_id", version_id},
                  {"name", title + ".mp4"},
                  {"filename", proxy_id + ".mp4"},
                  {"format", "mp4"},
                  {"codec", "h264"},
                  {"resolution", doc{{"width", 1280}, {"height", 720}}},
                  {"bit_rate", 2'000'000},
                  {"audio_bitrate", 128'000},
                  {"frame_rate", "25"},
                  {"start_time_code", "00:00:00:00"},
                  {"is_drop_frame", false},
                  {"rotation", 0},
                  {"size", 4096},
                  {"status", "CLOSED"},
                  {"storage_id", proxy_storage},
                  {"is_public", false},
                  {"date_created", stamp()},
                  {"date_modified", stamp()}});
    std::string movie("\0\0\0\x18"
                      "ftypmp42\0\0\0\0mp42isom",
                      24);
    for (std::size_t i = movie.size(); i < 4096; ++i)
        movie += static_cast<char>(proxy_id[i % proxy_id.size()]);
    content_[proxy_storage + "/" + proxy_id + ".mp4"] = stored(blob(std::move(movie)), "video/mp4");

    const std::string frame_id = ids().uuid();
    keyframes_.add(
        {{"id", frame_id},
         {"asset_id", asset_id},
         {"version_id", version_id},
         {"collection_id", nullptr},
         {"name", title + ".png"},
         {"filename", frame_id + ".png"},
         {"format", "png"},
         {"type", "KEYFRAME"},
         {"resolution", doc{{"width", 1}, {"height", 1}}},
         {"rotation", 0},
         {"size", small_png().size()},
         {"status", "CLOSED"},
         {"storage_id", keyframe_storage},
         {"is_public", false},
         {"is_custom_keyframe", false},
         {"time_code", doc{{"frames_number", 0}, {"is_drop_frame", false}, {"time_base", nullptr}}},
         {"date_created", stamp()},
         {"date_modified", stamp()}});
    content_[keyframe_storage + "/" + frame_id + ".png"] = stored(blob(small_png()), "image/png");

    a["is_online"] = true;
    if (doc* version = version_of(a, version_id)) {
        (*version)["is_online"] = true;
        (*version)["status"] = "ACTIVE";
    }
    for (doc* f : formats_.all())
        if (text_of(*f, "asset_id") == asset_id && text_of(*f, "version_id") == version_id)
            (*f)["is_online"] = true;
    bump(a);
    add_history(asset_id, "TRANSCODE", "Proxy and keyframes created");
    emit("assets", asset_id, "proxies", "create", {{"id", proxy_id}, {"asset_id", asset_id}});
    emit("assets", asset_id, "entity", "update", {{"id", asset_id}, {"is_online", true}});
    touch("assets", asset_id);
}

json::object iconik_system::proxy_answer(const doc& proxy, bool with_upload, bool with_url) {
    doc out = proxy;
    const std::string storage = text_of(proxy, "storage_id");
    const std::string key = text_of(proxy, "filename");
    const doc* s = storages_.find(storage);
    out["storage_method"] = s ? s->at("method") : json::value(nullptr);
    out["url"] = with_url ? json::value(signed_url("GET", storage, key)) : nullptr;
    if (with_upload) {
        const std::string put = signed_url("PUT", storage, key);
        out["upload_method"] = "PUT";
        out["upload_url"] = put;
        out["multipart_upload_url"] = put + "&uploads=";
        out["upload_credentials"] = doc{};
    }
    return out;
}

void iconik_system::proxy_routes() {
    const std::string base = "/API/files/v1/assets/{asset_id}";
    struct kind {
        table& all;
        std::string path;
        const char* purpose;
        const char* read_role;
        const char* write_role;
    };
    for (const kind& k :
         {kind{proxies_, "/proxies", "PROXIES", "can_read_proxies", "can_write_proxies"},
          kind{keyframes_, "/keyframes", "KEYFRAMES", "can_read_assets", "can_write_keyframes"}}) {
        table* all = &k.all;
        const std::string purpose = k.purpose;
        const auto part = [this, all](const request& r, const char* permission) -> doc& {
            asset(r.param("asset_id"), permission);
            doc& found = all->need(r.param("id"));
            if (text_of(found, "asset_id") != r.param("asset_id"))
                throw http_error(404, "Object does not belong to this asset");
            return found;
        };
        const auto list = [this, all](const request& r) {
            asset(r.param("asset_id"), "read");
            std::vector<doc> out;
            for (const doc& p : of_asset(*all, r.param("asset_id"), r))
                out.push_back(proxy_answer(p, false, query_flag(r, "generate_signed_url", true)));
            return cursor(r, std::move(out));
        };
        on("GET", (base + k.path).c_str(), k.read_role, list);
        on("GET", (base + "/versions/{version_id}" + k.path).c_str(), k.read_role, list);
        on("POST", (base + k.path).c_str(), k.write_role, [this, all, purpose](const request& r) {
            const doc body = r.json_object();
            asset(r.param("asset_id"), "write");
            if (purpose == "KEYFRAMES")
                require_one_of(body, "type", {"KEYFRAME_MAP", "KEYFRAME", "POSTER"}, true);
            const std::string id = ids().uuid();
            doc p{{"id", id},
                  {"asset_id", r.param("asset_id")},
                  {"version_id", current_version(r.param("asset_id"))},
                  {"name", id},
                  {"filename", id},
                  {"resolution", doc{{"width", nullptr}, {"height", nullptr}}},
                  {"size", nullptr},
                  {"status", "OPEN"},
                  {"storage_id", storage_for(purpose)},
                  {"is_public", false},
                  {"date_created", stamp()},
                  {"date_modified", stamp()}};
            take(p, body,
                 {"name", "filename", "format", "codec", "resolution", "bit_rate", "audio_bitrate",
                  "frame_rate", "start_time_code", "is_drop_frame", "rotation", "size", "status",
                  "storage_id", "version_id", "type", "time_code", "is_custom_keyframe"});
            storages_.need(text_of(p, "storage_id"));
            return reply::json(201, proxy_answer(all->add(std::move(p)), true, false));
        });
        on("GET", (base + k.path + "/{id}").c_str(), k.read_role, [this, part](const request& r) {
            return reply::json(200, proxy_answer(part(r, "read"), false, true));
        });
        on("PATCH", (base + k.path + "/{id}").c_str(), k.write_role,
           [this, part](const request& r) {
               doc& p = part(r, "write");
               take(p, r.json_object(),
                    {"status", "size", "name", "resolution", "codec", "format"});
               const auto stored =
                   content_.find(text_of(p, "storage_id") + "/" + text_of(p, "filename"));
               if (stored != content_.end()) p["size"] = stored->second.bytes.size();
               p["date_modified"] = stamp();
               touch("assets", r.param("asset_id"));
               return reply::json(200, proxy_answer(p, false, false));
           });
        on("DELETE", (base + k.path + "/{id}").c_str(), k.write_role,
           [this, all, part](const request& r) {
               part(r, "delete");
               all->erase(r.param("id"));
               touch("assets", r.param("asset_id"));
               return reply::empty(204);
           });
        on("GET", (base + k.path + "/{id}/download_url").c_str(), k.read_role,
           [this, part](const request& r) {
               const doc& p = part(r, "read");
               return reply::json(
                   200, doc{{"url", signed_url("GET", text_of(p, "storage_id"),
                                               text_of(p, "filename"), text_of(p, "name"))}});
           });
    }
    on("POST", (base + "/proxies/{id}/keyframes").c_str(), "can_create_transcode_jobs",
       [this](const request& r) {
           asset(r.param("asset_id"), "write");
           const std::string version = text_of(proxies_.need(r.param("id")), "version_id");
           return reply::json(200, doc{{"job_id", start_transcode(r.param("asset_id"), version)}});
       });
}

} // namespace mortise::sandbox::iconik
