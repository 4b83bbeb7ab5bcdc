#include "connector.hpp"

MORTISE_PLUGIN("@plugin_id@", PLUGIN_VERSION, mortise::connector<@ident@_connector::connector>())
