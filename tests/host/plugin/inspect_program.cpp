// SPDX-License-Identifier: Apache-2.0
// Stands in for the host's own program as the child that looks at a plugin.
#include "plugin/inspect.hpp"

#include <cstring>

int main(int argc, char** argv) {
    if (argc != 4 || std::strcmp(argv[1], "inspect") != 0 || std::strcmp(argv[2], "--raw") != 0)
        return 64;
    mortise::host::run_raw_inspect(argv[3]);
}
