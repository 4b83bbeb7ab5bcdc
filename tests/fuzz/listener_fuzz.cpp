// SPDX-License-Identifier: Apache-2.0
#include "fuzz/listener_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mortise::host::fuzz_listener(data, size);
    return 0;
}
