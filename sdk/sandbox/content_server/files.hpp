// SPDX-License-Identifier: Apache-2.0
//
// Where the bytes of a new document or version come from.
#pragma once

#include "service.hpp"

namespace mortise::sandbox::content_server {

struct new_content {
    blob data;
    std::string file_name;
    std::string mime_type;
};

// The part `file`, or the finished multipart upload named by `upload_key` (which is used up).
// 400 "Missing required parameter 'File'" when there is neither.
new_content content_of(service& s, call& c);
std::string mime_type_of(std::string_view file_name);

} // namespace mortise::sandbox::content_server
