#include "connector.hpp"

MORTISE_PLUGIN("@plugin_id@", "0.1.0", mortise::connector<@ident@_connector::connector>())
