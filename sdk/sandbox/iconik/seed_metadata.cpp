// SPDX-License-Identifier: Apache-2.0
// The metadata fields and views of the start state.
#include "iconik/system.hpp"

namespace json = boost::json;

namespace mortise::sandbox::iconik {

namespace {

struct field_seed {
    const char* name;
    const char* label;
    const char* type;
    bool multi;
    std::vector<const char*> options;
};

const std::vector<field_seed> field_seeds{
    {"campaign_id", "Campaign", "string_exact", true, {}},
    {"account_id", "Account", "string_exact", false, {}},
    {"project_id", "Project", "string_exact", false, {}},
    {"product_type",
     "Product type",
     "drop_down",
     false,
     {"Campaign", "Packshot", "Brand", "Social"}},
    {"territories", "Territories", "drop_down", true, {"DE", "AT", "CH", "SE", "US", "WORLD"}},
    {"usage_rights",
     "Usage rights",
     "drop_down",
     false,
     {"Unrestricted", "Restricted", "Expired", "Unknown"}},
    {"expiry_date", "Rights expire on", "date", false, {}},
    {"rights_status",
     "Rights status",
     "drop_down",
     false,
     {"Cleared", "Pending", "Restricted", "Expired", "Revoked"}},
    {"approval_status",
     "Approval",
     "drop_down",
     false,
     {"Draft", "In Review", "Approved", "Rejected"}},
    {"workspace_status", "Workspace status", "string", false, {}},
    {"workspace_id", "Business workspace", "string_exact", false, {}},
    {"archive_state", "Archive", "drop_down", false, {"None", "Requested", "Archived"}},
    {"description", "Description", "text", false, {}},
    {"keywords", "Keywords", "tag_cloud", true, {}},
    {"legal_note", "Legal note", "text", false, {}},
    {"document_url", "Document", "url", false, {}},
    {"budget", "Budget", "integer", false, {}},
    {"talent_release", "Talent release on file", "boolean", false, {}},
    {"media_kind",
     "Kind of media",
     "drop_down",
     false,
     {"Demo", "Testimonial", "Recording", "Webinar", "Training", "Executive Message"}},
    {"program_id", "Program", "string_exact", true, {}},
    {"governance_status", "Governance", "string", false, {}},
    {"governance_open", "Still open", "string", true, {}},
    {"publish_ready", "May be published", "boolean", false, {}},
    {"approval_record", "Approval record", "text", false, {}},
    {"vendor_id", "Vendor", "string_exact", false, {}},
    {"retention_date", "Retained until", "date", false, {}},
    {"business_record", "Business record", "url", false, {}},
    {"signoff_documents", "Sign-off documents", "string", true, {}},
    {"milestone", "Milestone", "string", false, {}},
    {"milestones", "Milestones", "string", true, {}},
    {"deadline", "Deadline", "date", false, {}},
    {"production_status", "Production", "string", false, {}},
    {"change_requests", "Change requests", "string", true, {}},
    {"vendor_feedback", "Feedback to the vendor", "text", false, {}},
    {"invoice_status", "Invoice", "drop_down", false, {"None", "Received", "Approved", "Paid"}},
};

} // namespace

void iconik_system::seed_metadata() {
    json::array view_fields;
    for (const field_seed& f : field_seeds) {
        json::array options;
        for (const char* o : f.options)
            options.push_back(doc{{"label", o}, {"value", o}});
        fields_.add({{"id", f.name},
                     {"name", f.name},
                     {"label", f.label},
                     {"field_type", f.type},
                     {"description", nullptr},
                     {"multi", f.multi},
                     {"options", std::move(options)},
                     {"source_url", nullptr},
                     {"min_value", nullptr},
                     {"max_value", nullptr},
                     {"required", false},
                     {"read_only", false},
                     {"auto_set", false},
                     {"hide_if_not_set", false},
                     {"sortable", true},
                     {"use_as_facet", !f.options.empty()},
                     {"representative", false},
                     {"is_block_field", false},
                     {"is_warning_field", false},
                     {"external_id", nullptr},
                     {"mapped_field_name", nullptr},
                     {"date_created", stamp()},
                     {"date_modified", stamp()}});
        view_fields.push_back(
            doc{{"name", f.name}, {"label", nullptr}, {"required", false}, {"read_only", false}});
    }
    views_.add({{"id", iconik_seed::id("view/marketing")},
                {"name", "Marketing"},
                {"description", "Campaign, rights and approval of an asset"},
                {"view_fields", std::move(view_fields)},
                {"date_created", stamp()},
                {"date_modified", stamp()}});
    json::array rights;
    for (const char* name :
         {"usage_rights", "expiry_date", "territories", "rights_status", "legal_note"})
        rights.push_back(doc{{"name", name},
                             {"label", nullptr},
                             {"required", std::string(name) == "usage_rights"},
                             {"read_only", false}});
    views_.add({{"id", iconik_seed::id("view/rights")},
                {"name", "Rights"},
                {"description", "Usage rights"},
                {"view_fields", std::move(rights)},
                {"date_created", stamp()},
                {"date_modified", stamp()}});
}

} // namespace mortise::sandbox::iconik
