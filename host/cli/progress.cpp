// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mortise::host::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds redraw_every = 100ms;
constexpr std::chrono::milliseconds first_line_after = 1s; // what is quicker needs none
constexpr std::chrono::milliseconds line_every = 5s;

std::size_t error_width() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

} // namespace

progress_meter::progress_meter(std::string label, std::string unit)
    : label_(std::move(label)), unit_(std::move(unit)) {}

void progress_meter::at(std::chrono::milliseconds since_start,
                        std::uint64_t done,
                        std::optional<std::uint64_t> total) {
    // What was done before anyone looked says nothing of the rate.
    if (!first_) first_ = done;
    at_ = since_start;
    done_ = done;
    total_ = total;
    if (total_) done_ = std::min(done_, *total_);
}

std::string progress_meter::amount(std::uint64_t n) const {
    return unit_ == "bytes" ? bytes_text(n) : std::to_string(n);
}

std::string progress_meter::figures() const {
    std::string out = amount(done_);
    if (total_) out += " of " + amount(*total_);
    if (unit_ != "bytes") out += ' ' + unit_;
    if (total_ && *total_ > 0) out += ", " + std::to_string(done_ * 100 / *total_) + " %";
    const auto moved = done_ - std::min(done_, first_.value_or(0));
    if (moved == 0 || at_ <= 0ms) return out;
    const double rate = static_cast<double>(moved) * 1000.0 / static_cast<double>(at_.count());
    char text[32];
    if (unit_ == "bytes")
        std::snprintf(text, sizeof text, "%s/s",
                      bytes_text(static_cast<std::uint64_t>(rate)).c_str());
    else
        std::snprintf(text, sizeof text, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
    out += std::string(", ") + text;
    if (total_ && done_ < *total_)
        out += ", " +
               span_text(static_cast<unix_ms>(static_cast<double>(*total_ - done_) * 1000 / rate)) +
               " left";
    return out;
}

std::string progress_meter::line() const {
    return label_ + ": " + figures();
}

std::string progress_meter::bar(std::size_t width) const {
    const auto text = figures();
    std::string out = label_ + ' ';
    const auto taken = columns_of(out) + columns_of(text) + 4;
    const auto room = width > taken ? std::min<std::size_t>(width - taken, 40) : 0;
    if (total_ && room >= 8) {
        const auto full = *total_ == 0 ? room : static_cast<std::size_t>(done_ * room / *total_);
        out += '[' + std::string(full, '#') + std::string(room - full, '.') + "] ";
    }
    return cut_to(out + text, width - std::min<std::size_t>(width, 1));
}

progress::progress(const common& c, std::string label, std::string unit)
    : meter_(std::move(label), std::move(unit)), shown_(!c.quiet && !c.json),
      bar_(::isatty(STDERR_FILENO) != 0), start_(std::chrono::steady_clock::now()), last_(start_) {}

progress::~progress() {
    end();
}

void progress::at(std::uint64_t done, std::optional<std::uint64_t> total) {
    if (!shown_) return;
    const auto now = std::chrono::steady_clock::now();
    meter_.at(std::chrono::duration_cast<std::chrono::milliseconds>(now - start_), done, total);
    behind_ = true;
    const auto pause = bar_ ? redraw_every : drawn_ ? line_every : first_line_after;
    if (now - last_ < pause && (drawn_ || !bar_)) return;
    last_ = now;
    drawn_ = true;
    behind_ = false;
    if (bar_)
        std::fprintf(stderr, "\r%s\x1b[K", meter_.bar(error_width()).c_str());
    else
        std::fprintf(stderr, "%s\n", meter_.line().c_str());
}

void progress::end() {
    if (!shown_) return;
    if (bar_ && drawn_)
        std::fprintf(stderr, "\r\x1b[K");
    else if (!bar_ && drawn_ && behind_)
        std::fprintf(stderr, "%s\n", meter_.line().c_str());
    shown_ = false;
}

} // namespace mortise::host::cli
