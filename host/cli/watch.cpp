// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.hpp"

#include "cli/interrupt.hpp"
#include "cli/output.hpp"

#include <cstdio>
#include <cstdlib>

namespace mortise::host::cli {
namespace {

// What a command prints, instead of standard output. The C library documents
// stdout as a variable that may be assigned (glibc manual, "Standard Streams").
class captured {
public:
    captured() : before_(stdout), memory_(::open_memstream(&text_, &size_)) {
        if (memory_ != nullptr) stdout = memory_;
    }
    ~captured() {
        stdout = before_;
        if (memory_ != nullptr) std::fclose(memory_);
        std::free(text_);
    }
    captured(const captured&) = delete;
    captured& operator=(const captured&) = delete;
    std::string text() {
        if (memory_ == nullptr) return {};
        std::fflush(memory_);
        return {text_, size_};
    }

private:
    FILE* before_;
    char* text_ = nullptr;
    std::size_t size_ = 0;
    FILE* memory_;
};

std::string first_lines(const std::string& text, std::size_t most) {
    std::size_t at = 0;
    for (std::size_t n = 0; n < most; ++n) {
        const auto end = text.find('\n', at);
        if (end == std::string::npos) return text;
        at = end + 1;
    }
    return text.substr(0, at);
}

// Each line ends with "erase to the end of the line", so that nothing flickers.
std::string over_the_old(const std::string& text) {
    std::string out = "\x1b[H";
    for (const char ch : text) {
        if (ch == '\n') out += "\x1b[K";
        out += ch;
    }
    return out + "\x1b[J";
}

} // namespace

int run_watched(const common& c, const std::string& title, const action& once) {
    if (c.watch_seconds <= 0) return once();
    const auto pause = std::chrono::milliseconds(static_cast<long>(c.watch_seconds * 1000));
    const interruptible until;
    const bool redraw = output_screen().is_terminal;
    if (redraw) std::fputs("\x1b[?1049h\x1b[2J", stdout); // the other screen
    std::string text;
    int code = exit_ok;
    for (std::uint32_t n = 1;; ++n) {
        {
            captured out;
            code = once();
            text = out.text();
        }
        if (until.interrupted()) break;
        if (redraw) {
            const auto on = output_screen();
            char every[48];
            std::snprintf(every, sizeof every, "every %g s, Ctrl-C ends  ", c.watch_seconds);
            const auto head = cut_to(
                every + time_text(system_clock().now_unix_ms()) + " UTC  " + title, on.width);
            print(over_the_old(painted(head, paint::dim, on.color) + "\n\n" +
                               first_lines(text, on.height > 4 ? on.height - 3 : 1)));
        } else {
            print(n == 1 || c.json ? text : '\n' + text);
        }
        std::fflush(stdout);
        if (c.watch_count != 0 && n >= c.watch_count) break;
        if (!until.wait(pause)) break;
    }
    if (redraw) {
        std::fputs("\x1b[?1049l", stdout);
        print(text);
    }
    std::fflush(stdout);
    return until.interrupted() ? int(exit_ok) : code;
}

} // namespace mortise::host::cli
