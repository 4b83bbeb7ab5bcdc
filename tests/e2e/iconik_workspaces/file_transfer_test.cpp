// SPDX-License-Identifier: Apache-2.0
// Files between iconik and Extended ECM: both connectors on their emulators, and the real program.
#include "base/digest.hpp"
#include "moved_file.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace json = boost::json;
using mortise::host::run_state;
using mortise::test::moved_file;
using way = mortise::test::moved_file::way;

namespace {

const std::map<int, int> each_once{{1, 1}, {2, 1}, {3, 1}};

void must_be_there_once(moved_file& f) {
    auto& w = f.systems();
    INFO(w.dead_letter());
    REQUIRE(w.runs(run_state::succeeded).size() == 1);
    CHECK(w.runs().size() == 1);
    CHECK(f.copies() == 1);
    CHECK(f.target_is_whole());
    CHECK(f.parts_taken() == each_once);
}

// From the kernel's account of a process, in KiB.
long kib(pid_t process, const std::string& name) {
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(name + ':')) return std::stol(line.substr(name.size() + 1));
    return 0;
}

} // namespace

TEST_CASE("a file comes whole to the other system, in parts and compared there",
          "[e2e][transfer]") {
    const auto to = GENERATE(way::to_document, way::to_version, way::to_asset);
    moved_file f(to);
    auto& w = f.systems();
    w.start_child({});
    const long before = kib(w.child(), "VmRSS");
    std::ofstream("/proc/" + std::to_string(w.child()) + "/clear_refs") << "5"; // the peak anew
    const auto text = f.move();
    const long most = kib(w.child(), "VmHWM");
    INFO(text);
    const auto answer = json::parse(text);
    CHECK(answer.at("sha256").as_string() == mortise::host::sha256_hex(f.bytes()));
    CHECK(answer.at("size").to_number<std::size_t>() == f.bytes().size());
    CHECK(answer.at("verified").as_string() == (to == way::to_asset ? "checksum" : "size"));
    must_be_there_once(f);
    CHECK(f.downloads() == 1);
    REQUIRE(before > 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // have memory of their own
    CHECK(most - before < 16 * 1024);
#else
    CHECK(most >= before);
#endif
}

TEST_CASE("a source that breaks off in mid-body goes on there, and the target does not notice",
          "[e2e][transfer]") {
    const auto to = GENERATE(way::to_document, way::to_version, way::to_asset);
    moved_file f(to);
    f.systems().start_child({});
    f.fault_source({{"kind", "cut-body"}});
    const auto text = f.move();
    INFO(text);
    CHECK(json::parse(text).at("sha256").as_string() == mortise::host::sha256_hex(f.bytes()));
    must_be_there_once(f);
    CHECK(f.downloads() == 2);
}

TEST_CASE("a target that refuses a part gets that part again and no other", "[e2e][transfer]") {
    const auto to = GENERATE(way::to_document, way::to_version, way::to_asset);
    moved_file f(to);
    f.systems().start_child({});
    f.fault_parts({{"skip", 1}, {"status", 503}});
    const auto text = f.move();
    INFO(text);
    CHECK(json::parse(text).at("sha256").as_string() == mortise::host::sha256_hex(f.bytes()));
    must_be_there_once(f);
    CHECK(f.downloads() == 2);
}

TEST_CASE("killed in the middle of a part, the next life sends what is missing",
          "[e2e][transfer][kill]") {
    const auto to = GENERATE(way::to_document, way::to_version, way::to_asset);
    moved_file f(to);
    f.systems().start_child({});
    // Half of the file comes, then nothing: the target has one part and some of the next.
    f.fault_source({{"kind", "cut-body"}});
    f.fault_source({{"kind", "hang"}});
    f.move_and_kill("hang");
    must_be_there_once(f);
}

TEST_CASE("killed when the target has the file and has not said so, it gets no second one",
          "[e2e][transfer][kill]") {
    const auto to = GENERATE(way::to_document, way::to_version, way::to_asset);
    moved_file f(to);
    f.systems().start_child({});
    f.fault_completion({{"kind", "commit-then-timeout"}});
    f.move_and_kill("commit-then-timeout");
    must_be_there_once(f);
}

TEST_CASE("a file that is not what iconik declares ends as a dead letter that says so",
          "[e2e][transfer]") {
    const auto to = GENERATE(way::to_document, way::to_version);
    moved_file f(to);
    f.declare_wrong_checksum();
    f.systems().start_child({});
    f.move();
    REQUIRE(f.has_ended());
    const auto said = f.systems().dead_letter();
    INFO(said);
    CHECK(said.find("source: it declares md5 " + std::string(32, 'a')) != std::string::npos);
    CHECK(f.systems().runs(run_state::failed).size() == 1);
    CHECK(f.copies() == 0); // the last bytes of it were held back
}
