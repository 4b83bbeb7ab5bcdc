// SPDX-License-Identifier: Apache-2.0
// A file of three parts that the program moves from one system to the other, and what both systems
// saw of it.
#pragma once

#include "world.hpp"

#include <map>
#include <string>
#include <vector>

namespace mortise::test {

class moved_file {
public:
    enum class way {
        to_document, // original of an asset to a new document
        to_version,  // original of an asset to a new version of a document
        to_asset,    // document to the original of an asset
    };
    // Source and target are there; the program is not started yet.
    explicit moved_file(way w);

    world& systems() { return world_; }
    const std::string& bytes() const { return bytes_; }

    // Asks the flow; comes back with its answer, or nothing when the program ended before.
    std::string move();
    // The program dies by SIGKILL when a fault of this kind has met somebody, and is started again.
    void move_and_kill(const std::string& fault);
    // The next download breaks off in its middle, and the one that goes on is cut, hung, ...
    void fault_source(boost::json::object fault);
    // On the way of each part.
    void fault_parts(boost::json::object fault);
    // On the request after which the target has the file.
    void fault_completion(boost::json::object fault);
    // What iconik says of the source, which is not true.
    void declare_wrong_checksum();

    // How many files, documents or versions the target has of it.
    std::size_t copies();
    bool target_is_whole();
    // Part number to how often the target took it; what was refused does not count.
    std::map<int, int> parts_taken();
    std::size_t downloads();
    bool has_ended();

private:
    void put_asset(const std::string& content);
    void put_document(const std::string& content);
    std::vector<boost::json::object> original_files();
    boost::json::object plan() const;
    void fault(bool iconik, boost::json::object what, const char* method, const char* path);
    std::vector<boost::json::object> requests(bool iconik);
    bool met(const std::string& fault);
    bool from_iconik() const { return way_ != way::to_asset; }

    way way_;
    world world_;
    std::string bytes_;
    sandbox::http_client iconik_;
    sandbox::http_client otcs_;
    std::int64_t folder_ = 0;
    std::int64_t document_ = 0;
    std::string asset_;
};

} // namespace mortise::test
