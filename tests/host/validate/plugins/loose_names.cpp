// SPDX-License-Identifier: Apache-2.0
// A flow whose settings say what they name, and say it wrong in three places.
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/mapping.hpp>

namespace {

struct settings {
    std::string view;
    std::string field;
    mortise::mapping fields = mortise::mapping({{"Title", {{"form", "asset.title"}}}});
    static auto describe() {
        return mortise::object<settings>("Names")
            .field("view", &settings::view, "A view")
            .names("dam", "metadata-view")
            .field("field", &settings::field, "A field of the view")
            .names("dma", "metadata-field", "veiw")
            .field("fields", &settings::fields, "Attribute to field");
    }
};

class loose_names {
public:
    loose_names(mortise::instance&, settings) {}
    static void describe(mortise::flow_builder<loose_names>& b) {
        b.id("loose-names").version("1.0.0").title("Names that nobody finds").config<settings>();
        b.role("dam", "echo", "Where the view is");
        b.on_request();
    }
    mortise::task<void> run(mortise::flow_run&, mortise::event) { co_return; }
};

} // namespace

MORTISE_PLUGIN("org.mortise.loose-names", "1.0.0", mortise::flow<loose_names>())
