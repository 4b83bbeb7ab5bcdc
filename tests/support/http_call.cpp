// SPDX-License-Identifier: Apache-2.0
#include "support/http_call.hpp"

#include "support/net_stream.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace mortise::test {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

} // namespace

std::string http_reply::header(std::string_view name) const {
    const auto at = lower(head).find("\r\n" + lower(name) + ':');
    if (at == std::string::npos) return {};
    const auto begin = head.find(':', at) + 1;
    const auto end = head.find("\r\n", begin);
    auto value = head.substr(begin, end - begin);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

http_reply http_call(unsigned short port,
                     std::string_view method,
                     std::string_view path,
                     std::string_view body,
                     const header_list& headers) {
    std::string request;
    request.append(method).append(" ").append(path).append(" HTTP/1.1\r\n");
    if (headers.empty() || headers.front().first != "host") request += "host: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers)
        request += name + ": " + value + "\r\n";
    if (!body.empty() || method == "POST")
        request += "content-length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n";
    request.append(body);
    auto stream = net_stream::connect(port);
    http_reply out;
    if (!stream.write(request)) return out;
    const auto answer = stream.read_message(method == "HEAD");
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return out;
    out.head = answer.substr(0, end + 2);
    out.body = answer.substr(end + 4);
    out.status = std::atoi(out.head.c_str() + std::min(out.head.find(' '), out.head.size()));
    return out;
}

} // namespace mortise::test
