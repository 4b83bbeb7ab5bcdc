// The conformance suite: every operation and trigger, while requests are refused, cut, delayed and
// answered oddly. Give each new operation its row. docs/conformance.md of Mortise tells more.
#include "connector.hpp"

#include <mortise/testing/conformance.hpp>

#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace json = mortise::json;
namespace conformance = mortise::testing::conformance;
using mortise::testing::fake_host;
using mortise::testing::http_answer;
using mortise::testing::recorded_request;

namespace {

const std::string base = "https://@name@.example.com";

// The service in memory: make it answer as the real one does.
class service : public conformance::target {
public:
    http_answer answer(const recorded_request& r) override {
        const std::string at = r.url.substr(base.size());
        if (r.header("authorization") != "Bearer the-key") return refused(401, "wrong key");
        if (at.starts_with("/changes?since=")) return changes(at.substr(15));
        const auto found = items_.find(at.substr(at.rfind('/') + 1));
        if (!at.starts_with("/items/") || found == items_.end()) return refused(404, "no such item");
        return http_answer::json(200, shown(found->second));
    }
    void advance(std::chrono::milliseconds) override {}
    json::value look() override {
        json::array out;
        for (const auto& [id, one] : items_)
            out.push_back(json::value(one.title));
        return out;
    }
    static http_answer refused(std::uint32_t status, const std::string& words) {
        return http_answer::json(status, json::object{{"error", words}});
    }

    // What people do.
    void rename(const std::string& id, std::string title) {
        items_[id] = {id, std::move(title), std::to_string(++last_)};
    }

private:
    using item = @ident@_connector::item;
    static json::value shown(const item& i) {
        return json::object{{"id", i.id}, {"title", i.title}, {"version", i.version}};
    }
    http_answer changes(const std::string& since) const {
        json::array news;
        // Without a cursor, what is there is no news.
        for (const auto& [id, one] : items_) {
            if (!since.empty() && std::stoi(one.version) > std::stoi(since)) {
                news.push_back(shown(one));
            }
        }
        json::object out;
        out["items"] = std::move(news);
        out["cursor"] = std::to_string(last_);
        return http_answer::json(200, out);
    }

    std::map<std::string, item> items_{{"7", {"7", "Seven", "1"}}, {"8", {"8", "Eight", "2"}}};
    int last_ = 2;
};

conformance::subject subject() {
    conformance::subject s;
    s.connector = mortise::connector<@ident@_connector::connector>();
    s.system = [](fake_host&) { return std::make_unique<service>(); };
    s.settings = [](fake_host& host) -> json::value {
        host.set_secret("key", "the-key");
        return json::object{{"base_url", base}, {"api_key", json::object{{"$secret", "key"}}}};
    };
    s.refusal = [](std::uint32_t status, const std::string& words) {
        return service::refused(status, words);
    };
    return s;
}

std::vector<conformance::row> rows() {
    using conformance::row;
    std::vector<row> out;
    out.push_back(row("items.get", json::object{{"id", "7"}}).missing("id", "99"));
    return out;
}

conformance::trigger_row changes() {
    conformance::trigger_row t;
    t.trigger = "changes";
    t.change = [](conformance::bench& b) -> std::string {
        b.system_as<service>().rename("7", "Seven!");
        return "@name@.item.changed items/7";
    };
    t.other_change = [](conformance::bench& b) -> std::string {
        b.system_as<service>().rename("8", "Eight!");
        return "@name@.item.changed items/8";
    };
    return t;
}

} // namespace

int main() {
    const auto s = subject();
    auto found = check_coverage(s, rows(), {changes()});
    const auto add = [&found](std::vector<conformance::finding> more) {
        found.insert(found.end(), more.begin(), more.end());
    };
    for (const auto& r : rows())
        add(check_operation(s, r));
    add(check_trigger(s, changes()));
    std::cerr << conformance::to_text(found);
    return found.empty() ? 0 : 1;
}
