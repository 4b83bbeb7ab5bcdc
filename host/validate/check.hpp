// SPDX-License-Identifier: Apache-2.0
//
// One conformance check of a plugin: a name, the rule in one sentence, and the code that tries it.
// A check runs alone in a process of its own (child.hpp), so it may leave behind whatever the
// plugin does to the process.
#pragma once

#include "plugin/descriptors.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mortise::host {

enum class verdict { passed, failed, skipped };
std::string_view to_string(verdict v) noexcept; // "passed", "failed", "skipped"

struct check_result {
    verdict outcome = verdict::passed;
    std::vector<std::string> messages; // what is wrong, or why it was skipped
    bool died = false;                 // the child crashed or did not end
};

// Collects what a check finds. The first messages are kept, the rest counted.
class report {
public:
    // announce: told what is being tried, so that a crash can be placed.
    explicit report(std::function<void(std::string_view)> announce = {})
        : announce_(std::move(announce)) {}

    void fail(std::string message);
    // Something to try did not apply; the check counts as skipped only when nothing else was tried.
    void skip(std::string why);
    void tried() noexcept { tried_ = true; }
    void trying(std::string_view what);
    void preparing(std::string_view what); // not what the check is about
    bool failed() const noexcept { return !failures_.empty(); }
    check_result result() const;

private:
    std::function<void(std::string_view)> announce_;
    std::vector<std::string> failures_;
    std::vector<std::string> skips_;
    std::size_t more_ = 0;
    bool tried_ = false;
};

// What a check is about.
struct subject {
    std::filesystem::path file; // absolute
    std::uint64_t seed = 1;
    // Set for checks that need `described` or more.
    const plugin_descriptor* plugin = nullptr;
};

// What must hold before a check makes sense. When a step is refused, the check that owns the rule
// fails and the others are skipped.
enum class check_needs { file, described, initialised };

struct check {
    std::string_view name;
    std::string_view rule;
    check_needs needs;
    void (*run)(const subject&, report&);
    int attempts = 1; // one good attempt is enough: for what a busy machine can disturb
};

// In the order in which they run and are shown.
std::span<const check> all_checks() noexcept;
const check* find_check(std::string_view name) noexcept;

// Runs one check in this process, after what it needs.
check_result run_check(const check& c,
                       const std::filesystem::path& file,
                       std::uint64_t seed,
                       const std::function<void(std::string_view)>& announce);

} // namespace mortise::host
