// SPDX-License-Identifier: Apache-2.0
//
// Holds an answer of the admin listener against what its OpenAPI document says of that request: a
// status that is declared, the content type, and a body that fits the schema with nothing missing
// and nothing that is not declared. Every refusal is problem+json.
#pragma once

#include "support/http_call.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace mortise::host {
class schema;
}

namespace mortise::host::testing {

class api_document {
public:
    explicit api_document(boost::json::value document);
    ~api_document();

    // Empty, or what does not fit. path: as sent, with its query.
    std::string
    misfit(std::string_view method, std::string_view path, const test::http_reply& reply) const;

    const boost::json::value& json() const noexcept { return document_; }
    // The schema with every reference replaced by what it refers to.
    boost::json::value resolved(const boost::json::value& schema) const;

private:
    const boost::json::object* path_item(std::string_view path) const;
    std::string body_misfit(const boost::json::object& media, const test::http_reply& reply) const;

    boost::json::value document_;
    mutable std::map<const void*, std::unique_ptr<schema>> schemas_;
};

} // namespace mortise::host::testing
