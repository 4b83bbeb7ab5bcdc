// SPDX-License-Identifier: Apache-2.0
// Makes a self-signed certificate for "localhost" and 127.0.0.1, valid for a day unless said
// otherwise; the file with the certificate is also the authority to trust.
#pragma once

#include "support/temp_dir.hpp"

#include <string>

namespace mortise::test {

struct certificate_days { // from now, in seconds
    long from = -3600;
    long until = 24 * 3600;
};

struct test_certificate {
    // Takes the place of one that lies there under the same name.
    explicit test_certificate(const temp_dir& where,
                              const std::string& name = {},
                              certificate_days days = {});
    std::string cert_file;
    std::string key_file;
};

} // namespace mortise::test
