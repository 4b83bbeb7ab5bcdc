// SPDX-License-Identifier: Apache-2.0
//
// Operations on the content of documents and their versions, on copies, shortcuts and paths.
// [strand]
#pragma once

#include "content_server/inputs_documents.hpp"
#include "content_server/repository.hpp"

#include <string>

namespace content_server {

class documents {
public:
    using object = mortise::json::object;
    using context = mortise::call_context;
    template <class T>
    using task = mortise::task<T>;

    explicit documents(repository& all) noexcept : all_(all) {}

    // Takes text or the call's content; a content of 401 in the middle is sent again when its
    // source can be read again.
    task<object> upload(context& c, node_upload in);
    task<version_info> add_version(context& c, version_add in);
    task<version_found> find_version(context& c, version_find in);
    task<version_info> get_version(context& c, version_get in);
    // Answers with content.
    task<node_content> download(context& c, node_download in);
    task<object> copy_node(context& c, node_copy in);
    task<object> create_shortcut(context& c, node_create_shortcut in);
    task<object> find_path(context& c, node_path_find in);

private:
    // A file that goes to the server: text, or the call's content.
    class file {
    public:
        std::string name;
        std::string media_type;
        std::optional<std::string> text;
    };
    task<json::value>
    send_file(context& c, std::string url, object fields, file what, subject about);
    // A large content in parts, each of which can be sent again, and that a later call with the
    // same idempotency key goes on with. Gives the upload's key.
    task<std::string> send_parts(context& c, file what, std::uint64_t size, subject about);
    struct upload_plan {
        std::string key;
        std::uint64_t size = 0;
        std::uint64_t part_size = 0;
        std::int64_t parts = 0;
        std::int64_t done = 0; // parts the server has
        std::int64_t tries = 3;
    };
    task<std::optional<upload_plan>> begun_upload(context& c, std::uint64_t size);
    task<upload_plan> begin_upload(context& c, file what, std::uint64_t size, subject about);
    task<void> keep_upload(context& c, upload_plan plan);
    task<void> send_part(context& c, upload_plan plan, std::int64_t part, subject about);
    // Does the server take this many bytes in parts?
    task<bool> takes_parts(context& c, std::uint64_t size);
    task<std::string> version_text(context& c, std::int64_t id, std::int64_t version);

    repository& all_;
};

} // namespace content_server
