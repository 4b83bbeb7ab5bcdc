#include "flow.hpp"

MORTISE_PLUGIN("@plugin_id@", PLUGIN_VERSION, mortise::flow<@ident@_flow::flow>())
