// SPDX-License-Identifier: Apache-2.0
// The questions to one connection. Private to this folder.
#pragma once

#include "online/online_check.hpp"

#include <optional>

namespace mortise::host {

class connection_check {
public:
    connection_check(const connection_config& connection,
                     const std::vector<std::string>& operations,
                     std::vector<const named_object*> objects,
                     online_systems& systems);

    // Once; afterwards found and problems are there.
    void run();

    online_finding found;
    std::vector<config_problem> problems;

private:
    struct listed {
        std::vector<std::string> names;
        bool complete = true;
        std::optional<error> failure;
    };

    bool log_in();
    void rights();
    void names();
    void look_for(const named_object& object);
    bool scope_is_missing(const named_object& object) const;
    const listed& list(const std::string& kind, const std::string& of);
    listed ask(const std::string& kind, const std::string& of);
    void missing(const named_object& object, const std::vector<std::string>& there);

    const connection_config& connection_;
    const std::vector<std::string>& operations_;
    std::vector<const named_object*> objects_;
    online_systems& systems_;
    std::map<std::pair<std::string, std::string>, listed> lists_;
    std::vector<std::string> not_there_; // names that were found missing
};

} // namespace mortise::host
