// SPDX-License-Identifier: Apache-2.0
// What an instance was made of, as a text to compare: a reload makes anew what would differ.
#pragma once

#include "config/config.hpp"

#include <string>

namespace mortise::host {

// descriptor: of the plugin version in use. Reads the secrets (files); the text holds salted
// digests of them only. [any-thread]
std::string
fingerprint_of(const connection_config& c, const void* descriptor, const secret_store& secrets);
std::string
fingerprint_of(const flow_config& f, const void* descriptor, const secret_store& secrets);

} // namespace mortise::host
