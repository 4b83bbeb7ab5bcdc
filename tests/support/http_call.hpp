// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange with a loopback server, on a connection of its own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mortise::test {

struct http_reply {
    int status = 0; // 0: the other side closed without an answer
    std::string head;
    std::string body;
    // Value of a header (name in any case), or empty.
    std::string header(std::string_view name) const;
};

using header_list = std::vector<std::pair<std::string, std::string>>;

// "host" as the first of the headers stands in the place of "host: 127.0.0.1". Throws when nobody
// listens there or no answer comes in time.
http_reply http_call(unsigned short port,
                     std::string_view method,
                     std::string_view path,
                     std::string_view body = {},
                     const header_list& headers = {});

} // namespace mortise::test
