// SPDX-License-Identifier: Apache-2.0
#include "moved_file.hpp"

#include "iconik/iconik.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <boost/json.hpp>

#include <thread>

namespace mortise::test {
namespace {

namespace json = boost::json;

// Three parts of the 8 MiB both systems take, the last one shorter.
constexpr std::size_t file_size = (20u << 20) + 17;
constexpr const char* file_name = "film.mp4";

std::string some_bytes() {
    std::string out(file_size, '\0');
    std::uint32_t x = 2463534242u; // xorshift: no two windows are alike
    for (auto& c : out) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        c = static_cast<char>(x);
    }
    return out;
}

world::options only_the_mover() {
    world::options o;
    o.webhooks = false;
    o.poll_interval = "5s";
    o.flows = "[plugins]\npaths = [\"" MORTISE_FILE_PLUGINS "\"]\n"
              "[flows.mover]\nflow = \"file-mover\"\n"
              "connections = { dam = \"iconik\", workspaces = \"otcs\" }\n";
    return o;
}

json::value made(const sandbox::http_answer& answer) {
    INFO(answer.status << ' ' << answer.body << ' ' << answer.error);
    REQUIRE(answer.status / 100 == 2);
    return answer.json();
}

sandbox::http_answer send_form(sandbox::http_client& to,
                               const std::string& path,
                               sandbox::form_field file,
                               const std::vector<std::pair<std::string, std::string>>& texts) {
    std::vector<sandbox::form_field> fields;
    for (const auto& [name, value] : texts)
        fields.push_back({name, {}, {}, sandbox::blob(value)});
    fields.push_back(std::move(file));
    auto [type, body] = sandbox::make_multipart(fields);
    return to.send("POST", path, std::move(body), {{"Content-Type", type}});
}

} // namespace

moved_file::moved_file(way w)
    : way_(w), world_(only_the_mover()), bytes_(some_bytes()),
      iconik_(world_.iconik_url(),
              {{"App-ID", sandbox::iconik_seed::app_id},
               {"Auth-Token", sandbox::iconik_seed::admin_token}}),
      otcs_(world_.otcs_url()) {
    iconik_.timeout(std::chrono::seconds(60));
    otcs_.timeout(std::chrono::seconds(60));
    const auto ticket =
        otcs_.send("POST", "/otcs/cs/api/v1/auth", "username=Admin&password=admin-pass",
                   {{"Content-Type", "application/x-www-form-urlencoded"}});
    otcs_.set_header("OTCSTicket", made(ticket).at("ticket").as_string().c_str());
    folder_ = world_.workspace_id("C-1001");
    if (from_iconik())
        put_asset(bytes_);
    else
        put_document(bytes_);
    if (way_ == way::to_version) put_document("the first version");
    if (way_ == way::to_asset)
        asset_ = made(iconik_.post("/API/assets/v1/assets/", {{"title", "Film"}}))
                     .at("id")
                     .as_string()
                     .c_str();
    iconik_.del("/__sandbox/requests");
    otcs_.del("/__sandbox/requests");
}

void moved_file::put_asset(const std::string& content) {
    const auto storage = world_.get_iconik("/files/v1/storages/matching/FILES");
    const auto answer = send_form(iconik_, "/API/files/v1/files/upload",
                                  {"file", file_name, "video/mp4", sandbox::blob(content)},
                                  {{"file_name", file_name},
                                   {"storage_id", storage.at("id").as_string().c_str()},
                                   {"asset_title", "Film"}});
    asset_ = made(answer).at("asset_id").as_string().c_str();
}

void moved_file::put_document(const std::string& content) {
    const auto answer = send_form(
        otcs_, "/otcs/cs/api/v2/nodes", {"file", file_name, "video/mp4", sandbox::blob(content)},
        {{"type", "144"}, {"parent_id", std::to_string(folder_)}, {"name", file_name}});
    document_ = made(answer).at_pointer("/results/data/properties/id").to_number<std::int64_t>();
}

json::object moved_file::plan() const {
    json::object asset{{"role", "dam"}, {"operation", "files.download"}};
    json::object document{{"role", "workspaces"}, {"operation", "nodes.upload"}};
    asset["input"] = json::object{{"asset_id", asset_}};
    document["input"] = json::object{{"parent_id", folder_}};
    if (way_ == way::to_version) {
        document["operation"] = "versions.add";
        document["input"] = json::object{{"id", document_}, {"description", "from the asset"}};
    }
    if (from_iconik()) return {{"from", std::move(asset)}, {"to", std::move(document)}};
    asset["operation"] = "files.upload";
    document["operation"] = "nodes.download";
    document["input"] = json::object{{"id", document_}};
    return {{"from", std::move(document)}, {"to", std::move(asset)}};
}

std::string moved_file::move() {
    sandbox::http_client host(world_.host_url());
    host.timeout(std::chrono::seconds(60));
    return host.post("/flows/mover", plan()).body;
}

void moved_file::move_and_kill(const std::string& fault) {
    std::thread asking([this] { move(); });
    const bool there = eventually([&] { return met(fault); });
    world_.kill_child();
    asking.join();
    REQUIRE(there);
    REQUIRE(copies() <= 1);
    world_.clear_faults();
    world_.start_child({});
    REQUIRE(eventually([&] { return has_ended(); }));
}

void moved_file::fault(bool iconik, json::object what, const char* method, const char* path) {
    what["method"] = method;
    what["path"] = path;
    if (iconik)
        world_.fault_iconik(what);
    else
        world_.fault_otcs(what);
}

void moved_file::fault_source(json::object what) {
    fault(from_iconik(), std::move(what), "GET",
          from_iconik() ? "/storage/**" : "/otcs/cs/api/v2/nodes/*/versions/*/content");
}

void moved_file::fault_parts(json::object what) {
    if (from_iconik())
        fault(false, std::move(what), "POST", "/otcs/cs/api/v2/multipart/*/*");
    else
        fault(true, std::move(what), "PUT", "/storage/**");
}

void moved_file::fault_completion(json::object what) {
    if (way_ == way::to_document) {
        fault(false, std::move(what), "POST", "/otcs/cs/api/v2/nodes");
    } else if (way_ == way::to_version) {
        fault(false, std::move(what), "POST", "/otcs/cs/api/v2/nodes/*/versions");
    } else {
        what["skip"] = 1; // the first one begins the upload
        fault(true, std::move(what), "POST", "/storage/**");
    }
}

std::vector<json::object> moved_file::original_files() {
    std::vector<json::object> out;
    const auto answer = world_.get_iconik("/files/v1/assets/" + asset_ + "/files");
    for (const auto& f : answer.at("objects").as_array())
        out.push_back(f.as_object());
    return out;
}

void moved_file::declare_wrong_checksum() {
    const auto files = original_files();
    REQUIRE(files.size() == 1);
    const auto path =
        "/API/files/v1/assets/" + asset_ + "/files/" + std::string(files[0].at("id").as_string());
    made(iconik_.patch(path, json::object{{"checksum", std::string(32, 'a')}}));
}

std::size_t moved_file::copies() {
    if (way_ == way::to_asset) return original_files().size();
    if (way_ == way::to_version) return world_.versions_of(document_) - 1;
    std::size_t n = 0;
    for (const auto& node : world_.children(folder_))
        n += node.name == file_name;
    return n;
}

bool moved_file::target_is_whole() {
    if (way_ == way::to_asset) {
        const auto file = original_files().at(0);
        const auto link =
            world_.get_iconik("/files/v1/assets/" + asset_ + "/files/" +
                              std::string(file.at("id").as_string()) + "/download_url");
        return file.at("status").as_string() == "CLOSED" &&
               iconik_.get(std::string(link.at("url").as_string())).body == bytes_;
    }
    if (way_ == way::to_version) return world_.document_text(document_) == bytes_;
    for (const auto& node : world_.children(folder_))
        if (node.name == file_name) return world_.document_text(node.id) == bytes_;
    return false;
}

std::vector<json::object> moved_file::requests(bool iconik) {
    std::vector<json::object> out;
    const auto log = made((iconik ? iconik_ : otcs_).get("/__sandbox/requests"));
    for (const auto& r : log.at("requests").as_array())
        out.push_back(r.as_object());
    return out;
}

bool moved_file::met(const std::string& fault) {
    for (const bool iconik : {true, false})
        for (const auto& r : requests(iconik))
            if (r.at("fault").as_string() == fault) return true;
    return false;
}

std::map<int, int> moved_file::parts_taken() {
    std::map<int, int> out;
    for (const auto& r : requests(!from_iconik())) {
        if (r.at("status").to_number<int>() / 100 != 2) continue;
        const std::string target = r.at("target").as_string().c_str();
        const std::string mark = from_iconik() ? "/v2/multipart/" : "partNumber=";
        auto at = target.find(mark);
        if (at == std::string::npos) continue;
        at += mark.size();
        if (from_iconik()) at = target.find('/', at); // behind the key of the upload
        if (at == std::string::npos || r.at("method").as_string() == "GET") continue;
        ++out[std::stoi(target.substr(from_iconik() ? at + 1 : at))];
    }
    return out;
}

std::size_t moved_file::downloads() {
    std::size_t n = 0;
    for (const auto& r : requests(from_iconik())) {
        const std::string path = r.at("path").as_string().c_str();
        n += r.at("method").as_string() == "GET" &&
             (from_iconik() ? path.starts_with("/storage/") : path.ends_with("/content"));
    }
    return n;
}

bool moved_file::has_ended() {
    return world_.runs().size() == 1 && world_.settled();
}

} // namespace mortise::test
