// SPDX-License-Identifier: Apache-2.0
#include "conformance_subject.hpp"

namespace xecm_test {

using conformance::row;

namespace {

json::value url_item(bench& b) {
    const json::object category{{"Asset ID", "a-1"}, {"Approval Status", "approved"}};
    return json::object{{"parent_id", folder(b)},
                        {"name", "Hero Film"},
                        {"url", "https://iconik.test/asset/1"},
                        {"categories", json::object{{"Media Reference", category}}}};
}

std::int64_t reference(bench& b) {
    return b.call("nodes.create_url", url_item(b)).at("id").as_int64();
}

conformance::list_facts children() {
    conformance::list_facts f;
    f.at = "nodes";
    f.id = "id";
    f.many = 205;
    const auto first = std::make_shared<json::value>();
    f.add = [first](bench& b, int n) {
        const json::object document{{"bo_id", "C-1001"},
                                    {"folder", "Media"},
                                    {"name", "Spot " + std::to_string(n) + ".txt"},
                                    {"content", "x"}};
        auto& people = *b.system_as<emulator_target>().emulator;
        const json::value made = people.act("upload-document", document);
        if (n == 0) *first = made.at("id");
    };
    f.remove = [first](bench& b) {
        b.system_as<emulator_target>().emulator->act("delete", {{"node", *first}});
    };
    return f;
}

} // namespace

std::vector<row> node_rows() {
    std::vector<row> r;
    const auto with_brief = [](json::object more = {}) {
        return [more](bench& b) { return of(brief(b), more); };
    };
    r.push_back(row("nodes.get", with_brief({{"categories", true}})).missing("id", nothing_there));
    r.push_back(row("nodes.children", [](bench& b) { return of(folder(b)); })
                    .missing("id", nothing_there)
                    .list(children()));
    r.push_back(row("nodes.find_child", [](bench& b) -> json::value {
                    return json::object{{"parent_id", campaign(b)}, {"name", "Briefs"}};
                }).missing("parent_id", nothing_there));
    r.push_back(row("nodes.path_ensure",
                    [](bench& b) -> json::value {
                        return json::object{{"parent_id", campaign(b)},
                                            {"path", json::array{"Media",
                                                                 "Gr\xC3\xB6\xC3\x9F"
                                                                 "e",
                                                                 "2026"}}};
                    })
                    .missing("parent_id", nothing_there)
                    .tolerates(409));
    r.push_back(
        row("nodes.path_find", [](bench& b) -> json::value {
            return json::object{{"parent_id", campaign(b)}, {"path", json::array{"Briefs"}}};
        }).missing("parent_id", nothing_there));
    r.push_back(row("nodes.create_url", &url_item)
                    .missing("parent_id", nothing_there)
                    .text("name", "name"));
    r.push_back(row("nodes.upload",
                    [](bench& b) -> json::value {
                        return json::object{{"parent_id", folder(b)},
                                            {"name", "note.txt"},
                                            {"media_type", "text/plain"},
                                            {"size", 12}};
                    })
                    .missing("parent_id", nothing_there)
                    .text("name", "name")
                    .content("twelve bytes", "text/plain"));
    r.push_back(row("nodes.download", with_brief()).missing("id", nothing_there));
    r.push_back(row("nodes.copy", [](bench& b) {
                    return of(brief(b), {{"parent_id", folder(b)}, {"name", "Copy.txt"}});
                }).missing("id", nothing_there));
    r.push_back(row("nodes.create_shortcut", [](bench& b) -> json::value {
                    return json::object{{"parent_id", folder(b)},
                                        {"name", "To the brief"},
                                        {"original_id", brief(b)}};
                }).missing("parent_id", nothing_there));
    r.push_back(row("nodes.update", with_brief({{"name", "Brief 2.txt"}}))
                    .missing("id", nothing_there)
                    .text("name", "name"));
    r.push_back(row("nodes.delete", with_brief()).missing_is_fine("id", nothing_there));
    r.push_back(row("versions.list", with_brief()).missing("id", nothing_there));
    r.push_back(row("versions.get", with_brief()).missing("id", nothing_there));
    r.push_back(row("versions.add", with_brief({{"description", "Second"}, {"size", 12}}))
                    .missing("id", nothing_there)
                    .content("twelve bytes", "text/plain"));
    r.push_back(row("versions.find", with_brief({{"description", "Second"}, {"size", 12}}))
                    .missing("id", nothing_there));
    r.push_back(row("categories.list", with_brief()).missing("id", nothing_there));
    r.push_back(
        row("categories.set",
            with_brief({{"category", "Rights"},
                        {"values", json::object{{"Usage Rights", "web"},
                                                {"Territories", json::array{"DE", "AT"}}}}}))
            .missing("id", nothing_there));
    r.push_back(row("categories.remove", [](bench& b) {
                    return of(reference(b), {{"category", "Media Reference"}});
                }).missing("id", nothing_there));
    r.push_back(row("permissions.get", with_brief()).missing("id", nothing_there));
    r.push_back(row("permissions.set", [](bench& b) {
                    const auto who = b.call("members.find", json::object{{"login", "guest"}});
                    return of(brief(b), {{"type", "custom"},
                                         {"right_id", who.at("member").at("id")},
                                         {"permissions", json::array{"see", "see_contents"}}});
                }).missing("id", nothing_there));
    r.push_back(row("search.nodes", json::object{{"where", "OTName:Creative*"}}));
    return r;
}

} // namespace xecm_test
