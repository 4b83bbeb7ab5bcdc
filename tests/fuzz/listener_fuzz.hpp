// SPDX-License-Identifier: Apache-2.0
// The path of foreign bytes through the listener, without a socket. Used by the fuzzer and by a
// normal test that runs it over a small corpus.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mortise::host {

// The first byte chooses how the rest is cut into reads; aborts when a promise of the parser is
// broken. Returns how many requests were understood.
std::size_t fuzz_listener(const std::uint8_t* data, std::size_t size);

} // namespace mortise::host
