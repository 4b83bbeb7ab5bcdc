// SPDX-License-Identifier: Apache-2.0
// Makes a self-signed certificate for "localhost" and 127.0.0.1, valid for a day; the file with the
// certificate is also the authority to trust.
#pragma once

#include "support/temp_dir.hpp"

#include <string>

namespace mortise::test {

struct test_certificate {
    explicit test_certificate(const temp_dir& where);
    std::string cert_file;
    std::string key_file;
};

} // namespace mortise::test
