// SPDX-License-Identifier: Apache-2.0
//
// Declares the operations on documents for a connector that derives from documents.
#pragma once

#include "content_server/describe.hpp"
#include "content_server/documents.hpp"

namespace content_server {

template <class C>
void describe_documents(mortise::connector_builder<C>& b) {
    using d = documents;
    add_operation(b, "nodes.upload", &d::upload)
        .title("Create a document")
        .doc("From text, or from the content the call brings.")
        .lookup_first("nodes.find_child");
    add_operation(b, "nodes.download", &d::download)
        .title("Fetch the content of a document")
        .doc("Answers with content, from offset on.")
        .reads();
    add_operation(b, "nodes.copy", &d::copy_node)
        .title("Copy an item")
        .lookup_first("nodes.find_child");
    add_operation(b, "nodes.create_shortcut", &d::create_shortcut)
        .title("Create a shortcut")
        .lookup_first("nodes.find_child");
    add_operation(b, "nodes.path_find", &d::find_path)
        .title("Find an item by a path of names")
        .doc("Answers {found, node}, or which name is missing and in which item.")
        .reads();
    add_operation(b, "versions.find", &d::find_version)
        .title("Find a version as it would have been added")
        .doc("By description, name, length and text, as far as given; looks first before "
             "versions.add repeats.")
        .reads();
    add_operation(b, "versions.get", &d::get_version).title("Read a version").reads();
    add_operation(b, "versions.add", &d::add_version)
        .title("Add a version to a document")
        .doc("From text, or from the content the call brings.")
        .lookup_first("versions.find");
}

} // namespace content_server
