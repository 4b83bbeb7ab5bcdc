// SPDX-License-Identifier: Apache-2.0
//
// `mortise validate`: runs the conformance checks on a plugin file, each in a child process, and
// says in words or JSON what does not conform.
#pragma once

#include "base/result.hpp"
#include "validate/check.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mortise::host {

struct validate_options {
    std::filesystem::path file;
    std::filesystem::path program; // answers `validate --run-check NAME --seed N FILE`
    std::vector<std::string> only; // names of checks; empty: all
    std::uint64_t seed = 1;
    std::chrono::milliseconds timeout{60'000}; // of one check
    // Called after each check.
    std::function<void(const check&, const check_result&)> progress;
};

struct validated_check {
    const check* what = nullptr;
    check_result result;
};

struct validation {
    std::filesystem::path file;
    std::uint64_t seed = 1;
    std::vector<validated_check> checks;

    bool conforms() const noexcept; // no check failed
    std::size_t count(verdict v) const noexcept;
};

// [main] Fails with NOT_FOUND for a file that is not there, with INPUT for an unknown name of a
// check (with the nearest one).
result<validation> validate(const validate_options& options);

// {"file","seed","conforms","checks":[{"name","rule","outcome","messages"}]}
std::string to_json(const validation& v);

} // namespace mortise::host
