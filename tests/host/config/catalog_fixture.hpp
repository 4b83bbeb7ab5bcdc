// SPDX-License-Identifier: Apache-2.0
//
// A catalog of two connectors and a flow for the tests of this folder.
#pragma once

#include "config/catalog.hpp"

inline mortise::host::memory_catalog fixture_catalog() {
    using namespace mortise::host;
    memory_catalog c;
    connector_description dam;
    dam.config_schema = R"({"type":"object","required":["base_url","auth_token"],"properties":{
      "base_url":{"type":"string","format":"uri","title":"Address of the system","examples":["https://dam.example.com"]},
      "upload_url":{"type":"string","format":"uri","title":"Address for uploads"},
      "auth_token":{"type":"string","x-secret":true,"x-env":"DAM_TOKEN","title":"Access token"},
      "page_size":{"type":"integer","minimum":1,"maximum":500,"default":100,"title":"Entries a page"},
      "region":{"type":"string","enum":["eu","us"],"default":"eu"},
      "webhook":{"type":"object","properties":{"secret":{"type":"string","x-secret":true}}}}})";
    dam.trigger_schemas["changes"] =
        R"({"type":"object","properties":{"kinds":{"type":"array","items":{"type":"string"},"default":["asset"]}}})";
    dam.operations = {"assets.get", "assets.update"};
    dam.default_egress = {"auth.example.com:443"};
    c.connectors["dam"] = dam;
    connector_description ecm;
    ecm.config_schema =
        R"({"type":"object","required":["url"],"properties":{"url":{"type":"string","format":"uri"}}})";
    ecm.operations = {"nodes.create"};
    c.connectors["ecm"] = ecm;
    flow_description f;
    f.config_schema =
        R"({"type":"object","properties":{"folder":{"type":"string","default":"Media"},
      "fields":{"x-mapping":true},"retries":{"type":"integer","minimum":0}}})";
    f.roles = {{"source", {"dam"}, {"assets.get"}, "where assets are"},
               {"target", {"ecm"}, {"nodes.create"}, "where they go"}};
    f.versions = {"1.0.0", "1.1.0"};
    c.flows["copy-assets"] = f;
    flow_description ahead;
    ahead.roles = {{"source", {"dam"}, {"assets.purge"}, ""}};
    c.flows["purge"] = ahead;
    return c;
}
