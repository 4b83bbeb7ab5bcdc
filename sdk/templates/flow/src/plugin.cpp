#include "flow.hpp"

MORTISE_PLUGIN("@plugin_id@", "0.1.0", mortise::flow<@ident@_flow::flow>())
