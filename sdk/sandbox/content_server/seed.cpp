// SPDX-License-Identifier: Apache-2.0
//
// The start state: one story with the other emulators. Campaigns C-1001 and C-1002, the account
// A-2001 "Nordlicht GmbH", project P-3001, a vendor and a programme, known to the business system
// "MRM"; reviewers of legal, brand and compliance; a review workflow.
#include "category.hpp"
#include "workspace.hpp"

namespace mortise::sandbox::content_server {
namespace {

constexpr member_id integration_id = 1010, manager_id = 1011, legal_id = 1012, brand_id = 1013,
                    compliance_id = 1014, guest_id = 1015;
constexpr member_id default_group = 1001, marketing_group = 1100, legal_group = 1101,
                    brand_group = 1102, compliance_group = 1103;
constexpr node_id categories_id = 2006, workflow_volume_id = 2007, classifications_id = 2008,
                  templates_id = 2009, ecm_id = 2011, workspaces_volume_id = 2012,
                  records_id = 2013;
constexpr node_id media_category = 4100, campaign_category = 4200, rights_category = 4300,
                  approval_category = 4400, governance_category = 4600, deliverable_category = 4500,
                  production_category = 4700, retention_category = 4800;

class seeder {
public:
    explicit seeder(service& s) : s_(s), repo_(s.repo()), w_(s.repo().data()) {}

    void run() {
        people();
        volumes();
        categories();
        business_system();
        folders();
        templates();
        workspaces();
        workflows();
        records();
        // What setting up did is no history of the users.
        w_.audit.clear();
        for (auto& [id, m] : w_.members)
            m.accessed.clear();
    }

private:
    void person(member_id id,
                std::string login,
                std::string password,
                std::string first,
                std::string last,
                std::string title,
                bool administrator = false) {
        member m;
        m.id = id;
        m.name = login;
        m.password = std::move(password);
        m.first_name = std::move(first);
        m.last_name = std::move(last);
        m.title = std::move(title);
        m.email = login + "@mortise.example";
        m.administrator = administrator;
        w_.members.emplace(id, std::move(m));
    }

    void group(member_id id, std::string name, std::set<member_id> members) {
        member m;
        m.id = id;
        m.type = 1;
        m.name = std::move(name);
        m.members = std::move(members);
        w_.members.emplace(id, std::move(m));
    }

    void people() {
        person(admin_id, "Admin", "admin-pass", "", "", "Administrator", true);
        person(integration_id, "integration", "integration-pass", "Mortise", "Integration",
               "Integration service");
        person(manager_id, "clara.brandt", "clara-pass", "Clara", "Brandt", "Campaign Manager");
        person(legal_id, "lena.roth", "lena-pass", "Lena", "Roth", "Legal Reviewer");
        person(brand_id, "ben.okafor", "ben-pass", "Ben", "Okafor", "Brand Reviewer");
        person(compliance_id, "carla.moreau", "carla-pass", "Carla", "Moreau",
               "Compliance Reviewer");
        person(guest_id, "guest", "guest-pass", "Gus", "Guest", "Visitor");
        group(default_group, "DefaultGroup",
              {admin_id, integration_id, manager_id, legal_id, brand_id, compliance_id, guest_id});
        group(marketing_group, "Marketing Operations", {integration_id, manager_id});
        group(legal_group, "Legal Reviewers", {legal_id});
        group(brand_group, "Brand Reviewers", {brand_id});
        group(compliance_group, "Compliance Reviewers", {compliance_id});
    }

    void volume(node_id id, int type, std::string name, member_id owner = admin_id) {
        node n;
        n.id = id;
        n.type = type;
        n.name = std::move(name);
        n.created = n.modified = repo_.now();
        n.owner = n.creator = n.modifier = owner;
        n.permissions.owner = all_rights();
        n.permissions.group = {"see", "see_contents"};
        if (type == subtype::personal)
            n.permissions.has_group = n.permissions.has_public = false;
        else
            n.permissions.everyone = {"see", "see_contents"};
        w_.nodes.emplace(id, std::move(n));
    }

    void volumes() {
        volume(enterprise_id, subtype::enterprise, "Enterprise");
        volume(2004, subtype::personal, "Admin Home", admin_id);
        volume(2005, subtype::personal, "Integration Home", integration_id);
        volume(categories_id, subtype::categories_volume, "Categories");
        volume(workflow_volume_id, subtype::workflow_volume, "Workflow");
        volume(classifications_id, subtype::classification_volume, "Classification Volume");
        volume(templates_id, subtype::doc_templates, "Document Templates");
        volume(ecm_id, subtype::ecm_volume, "Extended ECM");
        volume(workspaces_volume_id, subtype::workspaces_volume, "Business Workspaces");
        volume(records_id, subtype::records_volume, "Records Management");
        // Process attachments are seen by those who take part only.
        repo_.find(workflow_volume_id)->permissions.everyone.clear();
        repo_.find(workflow_volume_id)->permissions.group.clear();
        repo_.find(enterprise_id)->permissions.custom[marketing_group] = all_rights();
        repo_.find(enterprise_id)->permissions.custom[admin_id] = all_rights();
    }

    node&
    item(node_id id, node_id parent, int type, std::string name, std::string unique_name = {}) {
        node n;
        n.id = id;
        n.parent = parent;
        n.type = type;
        n.name = std::move(name);
        n.unique_name = std::move(unique_name);
        return repo_.create(std::move(n), admin_id);
    }

    static attribute field(int id,
                           std::string name,
                           value_kind kind = value_kind::string,
                           std::vector<std::string> valid = {}) {
        attribute a;
        a.id = id;
        a.name = std::move(name);
        a.kind = kind;
        a.valid_values = std::move(valid);
        return a;
    }
    static attribute many(attribute a) {
        a.multi_value = true;
        return a;
    }

    void category(node_id id,
                  std::string name,
                  std::string unique_name,
                  std::vector<attribute> attributes) {
        item(id, categories_id, subtype::category, std::move(name), std::move(unique_name));
        category_definition d;
        d.id = id;
        d.attributes = std::move(attributes);
        w_.categories.emplace(id, std::move(d));
    }

    void categories() {
        using enum value_kind;
        auto version = field(3, "Version", integer);
        category(media_category, "Media Reference", "MediaReference",
                 {field(2, "Asset ID"), version, field(4, "Approval Status"), field(5, "Asset URL"),
                  field(6, "Proxy URL"), field(7, "Title"), many(field(8, "Campaign IDs")),
                  field(9, "Thumbnail URL"), field(10, "Publish Ready", boolean)});
        auto status =
            field(3, "Status", string, {"Planned", "Active", "On hold", "Completed", "Cancelled"});
        status.default_value = "Planned";
        auto notes = field(8, "Notes");
        notes.multiline = true;
        category(campaign_category, "Campaign", "Campaign",
                 {field(2, "Campaign ID"), status, field(4, "Start Date", date),
                  field(5, "End Date", date), field(6, "Product Line"), many(field(7, "Regions")),
                  notes, field(9, "Owner", user), field(10, "Asset Status")});
        category(
            rights_category, "Rights", "Rights",
            {field(2, "Usage Rights"), field(3, "Expiry Date", date),
             many(field(4, "Territories", string,
                        {"DE", "AT", "CH", "FR", "UK", "US", "EU", "WORLDWIDE"})),
             field(5, "Status", string, {"Cleared", "Pending", "Restricted", "Expired", "Revoked"}),
             field(6, "Release Form", boolean), field(7, "Asset ID"), field(8, "Approval Status")});
        attribute decisions = field(3, "Decisions", set);
        decisions.max_values = 20;
        auto comment = field(6, "Comment");
        comment.multiline = true;
        decisions.members = {field(4, "Reviewer"),
                             field(5, "Decision", string, {"Approved", "Rejected", "Withdrawn"}),
                             comment, field(7, "Date", date)};
        category(governance_category, "Governance", "Governance",
                 {field(2, "Speaker Agreement", string, {"Open", "Signed", "Not needed"}),
                  field(3, "Release Form", string, {"Open", "On file", "Not needed"}),
                  field(4, "Publishing Date", date),
                  field(5, "Distribution Approval", string, {"Open", "Approved", "Rejected"})});
        category(approval_category, "Approval Record", "ApprovalRecord",
                 {field(2, "Asset ID"), decisions, field(8, "Result"),
                  field(9, "Asset Version", integer)});
        attribute versions = field(12, "Versions", set);
        versions.max_values = 200;
        auto remark = field(17, "Feedback");
        remark.multiline = true;
        versions.members = {field(13, "Version", integer), field(14, "Version ID"),
                            field(15, "Delivered On", date), field(16, "Approval"), remark};
        auto feedback = field(9, "Feedback");
        feedback.multiline = true;
        category(deliverable_category, "Vendor Deliverable", "VendorDeliverable",
                 {field(2, "Asset ID"), field(18, "Title"), version, field(4, "Version ID"),
                  field(5, "Vendor ID"), field(6, "Delivered On", date),
                  field(7, "Status", string, {"Delivered", "Withdrawn"}),
                  field(8, "Approval", string,
                        {"Pending", "In Review", "Approved", "Rejected", "Mixed"}),
                  feedback,
                  field(10, "Invoice State", string, {"None", "Received", "Approved", "Paid"}),
                  field(11, "Invoice Number"), versions});
        category(retention_category, "Retention", "Retention",
                 {field(2, "Retain Until", date), field(3, "Record Class")});
        attribute milestones = field(4, "Milestones", set);
        milestones.max_values = 50;
        milestones.members = {
            field(5, "Milestone"),
            field(6, "Due Date", date),
            field(7, "Status", string, {"Open", "Delivered", "Approved", "Closed", "Cancelled"}),
            field(8, "Asset ID"),
            field(9, "Version", integer),
            field(10, "Delivered On", date)};
        attribute requests = field(11, "Change Requests", set);
        requests.max_values = 50;
        auto request = field(12, "Request");
        request.multiline = true;
        requests.members = {request, field(13, "Milestone"),
                            field(14, "Status", string, {"Open", "Done", "Rejected"})};
        category(production_category, "Production", "Production",
                 {field(2, "Status"), field(3, "Deadline", date), milestones, requests});
    }

    void business_system() {
        external_system mrm;
        mrm.id = 7001;
        mrm.name = "MRM";
        mrm.connection_type = "HTTP";
        mrm.base_url = "https://mrm.mortise.example";
        mrm.as_url = "https://mrm.mortise.example/as";
        w_.external_systems.push_back(mrm);
        const auto type = [this](int id, std::string key, std::string name, int workspace) {
            w_.object_types[id] = {id, "MRM", std::move(key), std::move(name), workspace};
        };
        type(31, "campaign", "Campaign", 11);
        type(32, "account", "Account", 12);
        type(33, "project", "Project", 13);
        type(34, "vendor", "Vendor", 14);
        type(35, "program", "Program", 15);
        const auto record = [this](std::string key, std::string id, std::string name) {
            w_.business_records.push_back(
                {{"MRM", std::move(key), std::move(id)}, {{"name", std::move(name)}}});
        };
        record("campaign", "C-1001", "Spring Launch 2026");
        record("campaign", "C-1002", "Autumn Teaser");
        record("campaign", "C-1003", "Summer Social");
        record("account", "A-2001", "Nordlicht GmbH");
        record("account", "A-2002", "Helder & Zoon BV");
        record("project", "P-3001", "Nordlicht Brand Film");
        record("vendor", "V-4001", "Studio Halbinsel");
        record("vendor", "V-4002", "Kollektiv Nord");
        record("program", "E-5001", "Product Webinars 2026");
        record("program", "E-5002", "Leadership Messages 2026");
    }

    void folders() {
        item(5000, enterprise_id, subtype::folder, "Marketing", "Marketing");
        item(5001, 5000, subtype::folder, "Campaigns", "Campaigns");
        item(5002, 5000, subtype::folder, "Accounts", "Accounts");
        item(5003, 5000, subtype::folder, "Projects", "Projects");
        item(5004, 5000, subtype::folder, "Vendors", "Vendors");
        item(5005, 5000, subtype::folder, "Programs", "Programs");
        item(5010, enterprise_id, subtype::folder, "Workflow Maps");
        auto& closed = item(5090, enterprise_id, subtype::folder, "Board");
        closed.permissions = {};
        closed.permissions.owner = all_rights();
        closed.permissions.has_group = closed.permissions.has_public = false;
        item(9100, classifications_id, subtype::classification_tree, "Marketing");
        item(9101, 9100, subtype::classification, "Campaign Material");
        item(9102, 9100, subtype::classification, "Contracts");
    }

    void workspace_kind(int id,
                        const char* name,
                        node_id location,
                        const std::vector<const char*>& inside,
                        node_id category) {
        const node_id template_id = 6000 + id;
        auto& n =
            item(template_id, templates_id, subtype::workspace, std::string(name) + " Template");
        n.workspace = workspace_info{};
        n.workspace->type_id = id;
        n.workspace->is_template = true;
        if (category != 0) add_category(s_, n, category, {}, admin_id);
        for (const char* folder : inside)
            item(0, template_id, subtype::folder, folder);
        workspace_role leader;
        leader.name = "Manager";
        leader.description = "Leads the team";
        leader.leader = true;
        leader.permissions = all_rights();
        add_role(s_, n, leader);
        workspace_role team;
        team.name = "Team";
        team.description = "Works in the workspace";
        team.permissions = rights_from_bits(258207);
        add_role(s_, n, team);
        workspace_type type;
        type.id = id;
        type.name = name;
        type.config_node = 6100 + id;
        type.templates = {template_id};
        type.location = location;
        type.name_pattern = "[name] ([bo_id])";
        w_.workspace_types.emplace(id, std::move(type));
    }

    void templates() {
        workspace_kind(11, "Campaign", 5001, {"Media", "Briefs", "Contracts"}, campaign_category);
        workspace_kind(12, "Account", 5002, {"Media", "Correspondence", "Contracts"}, 0);
        workspace_kind(13, "Project", 5003, {"Media", "Deliverables", "Sign-off", "Records"},
                       campaign_category);
        workspace_kind(14, "Vendor", 5004, {"Media", "Deliverables", "Contracts", "Invoices"}, 0);
        workspace_kind(15, "Program", 5005, {"Media", "Checklist"}, governance_category);
    }

    node& workspace(const char* bo_type, const char* bo_id, const char* nickname) {
        json::object fields;
        fields["ext_system_id"] = "MRM";
        fields["bo_type"] = bo_type;
        fields["bo_id"] = bo_id;
        auto& n = create_workspace(s_, fields, admin_id);
        n.nickname = nickname;
        for (auto& role : n.workspace->roles)
            set_role_members(s_, role,
                             role.leader ? std::set<member_id>{manager_id}
                                         : std::set<member_id>{integration_id, brand_id});
        return n;
    }

    void document(node& in, const char* folder, const char* name, const char* text) {
        node n;
        n.type = subtype::document;
        n.parent = repo_.child_named(in.id, folder)->id;
        n.name = name;
        auto& made = repo_.create(std::move(n), admin_id);
        repo_.add_version(made, blob(text), name, "text/plain", admin_id);
    }

    void workspaces() {
        auto& spring = workspace("campaign", "C-1001", "campaign_c1001");
        const std::string key = std::to_string(campaign_category) + "_";
        change_category(s_, spring, campaign_category,
                        {{key + "2", "C-1001"},
                         {key + "3", "Active"},
                         {key + "4", "2026-03-01"},
                         {key + "5", "2026-06-30"},
                         {key + "6", "Aurora"},
                         {key + "7", json::array{"DE", "AT", "CH"}},
                         {key + "9", manager_id}},
                        admin_id);
        document(spring, "Briefs", "Creative Brief.txt",
                 "Spring Launch 2026: creative brief for the Aurora product line.\n");
        auto& autumn = workspace("campaign", "C-1002", "campaign_c1002");
        change_category(s_, autumn, campaign_category,
                        {{key + "2", "C-1002"}, {key + "3", "Planned"}}, admin_id);
        auto& account = workspace("account", "A-2001", "account_a2001");
        document(account, "Contracts", "Framework Contract.txt",
                 "Framework contract with Nordlicht GmbH.\n");
        auto& project = workspace("project", "P-3001", "project_p3001");
        change_category(s_, project, campaign_category, {{key + "3", "Active"}}, admin_id);
        const std::string production = std::to_string(production_category) + "_";
        add_category(s_, project, production_category,
                     {{production + "2", "In production"},
                      {production + "3", "2026-06-30"},
                      {production + "4_1_5", "Rough Cut"},
                      {production + "4_1_6", "2026-05-15"},
                      {production + "4_1_7", "Open"},
                      {production + "4_2_5", "Final Cut"},
                      {production + "4_2_6", "2026-06-15"},
                      {production + "4_2_7", "Open"}},
                     admin_id);
        const std::string retention = std::to_string(retention_category) + "_";
        add_category(s_, project, retention_category, {{retention + "2", "2036-06-30"}}, admin_id);
        workspace("vendor", "V-4001", "vendor_v4001");
        relate(s_, account, spring, admin_id);
        relate(s_, account, project, admin_id);
    }

    static workflow_step
    step(int id, std::string title, member_id performer, int stage, bool decides) {
        workflow_step st;
        st.task_id = id;
        st.title = std::move(title);
        st.performer = performer;
        st.stage = stage;
        st.instructions = "Please review the attached item.";
        if (decides) st.dispositions = {{"Approve", false}, {"Reject", true}};
        return st;
    }

    void map(node_id id, std::string name, std::vector<workflow_step> steps, bool start_step) {
        item(id, 5010, subtype::workflow_map, name, name);
        workflow_definition d;
        d.map = id;
        d.steps = std::move(steps);
        d.start_step_enabled = start_step;
        d.attributes = {{"WorkflowForm_2", "Asset ID", "string", false},
                        {"WorkflowForm_3", "Asset Version", "integer", false},
                        {"WorkflowForm_4", "Reason", "string", false}};
        w_.workflow_maps.emplace(id, std::move(d));
    }

    void workflows() {
        map(8001, "Asset Review",
            {step(1, "Intake", integration_id, 1, false),
             step(2, "Legal Review", legal_group, 2, true),
             step(3, "Brand Review", brand_group, 2, true),
             step(4, "Compliance Review", compliance_group, 2, true)},
            true);
        map(8002, "Quick Approval", {step(1, "Approval", manager_id, 1, true)}, false);
        auto approver = step(1, "Contract Approval", manager_id, 1, true);
        approver.role = "Approver";
        map(8003, "Contract Approval", {approver}, true);
    }

    void records() {
        auto& n = item(9001, records_id, subtype::hold, "Litigation Nordlicht");
        hold h;
        h.id = n.id;
        h.name = n.name;
        h.type = "LEGAL";
        h.comment = "Keep everything of the framework contract.";
        h.applied = repo_.now();
        w_.holds.emplace(h.id, std::move(h));
        for (auto& [id, each] : w_.nodes)
            if (each.name == "Framework Contract.txt") each.holds.insert(9001);
    }

    service& s_;
    repository& repo_;
    world& w_;
};

} // namespace

void fill_seed(service& s) {
    s.repo().start_ids_at(20000);
    seeder(s).run();
}

} // namespace mortise::sandbox::content_server
