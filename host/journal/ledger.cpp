// SPDX-License-Identifier: Apache-2.0
#include "journal/ledger.hpp"

#include "base/digest.hpp"
#include "journal/record_json.hpp"

#include <charconv>
#include <utility>
#include <vector>

namespace mortise::host {
namespace {

constexpr std::uint32_t page = 1000;

// Without the closing brace, so that the hash can be added.
std::string open_line(const ledger_entry& e) {
    std::string out;
    out.reserve(512);
    out.append("{\"seq\":").append(std::to_string(e.seq));
    out.append(",\"at\":\"").append(rfc3339(e.at)).push_back('"');
    const auto text = [&out](std::string_view name, std::string_view value) {
        out.append(",\"").append(name).append("\":");
        append_json_string(out, value);
    };
    // Only where there is one: entries from before there were actors keep their hashes.
    if (!e.actor.empty()) text("actor", e.actor);
    text("run", e.run.str());
    text("instance", e.instance);
    text("step", e.step);
    out.append(",\"attempt\":").append(std::to_string(e.attempt));
    text("connection", e.connection);
    text("operation", e.operation);
    text("object", e.object);
    text("outcome", e.outcome);
    text("request", e.request);
    text("before", e.before);
    text("after", e.after);
    return out;
}

void add_csv(std::string& out, std::string_view value) {
    if (!out.empty()) out.push_back(',');
    if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
        out.append(value);
        return;
    }
    out.push_back('"');
    for (const char c : value) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
}

struct expected {
    std::uint64_t seq = 0; // 0: any entry
    std::string_view hash;
};

expected parse_expected(std::string_view text) {
    expected out{0, text};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return out;
    const auto* end = text.data() + colon;
    const auto r = std::from_chars(text.data(), end, out.seq);
    if (r.ec != std::errc() || r.ptr != end) out.seq = 0;
    out.hash = text.substr(colon + 1);
    return out;
}

class check {
public:
    check(journal_reader& reader, std::string_view expected_head)
        : reader_(reader), wanted_(parse_expected(expected_head)), found_(expected_head.empty()) {}

    ledger_report run(const std::function<void(std::uint64_t)>& progress) {
        const ledger_head head = reader_.ledger_head();
        previous_seq_ = head.anchor_seq;
        previous_ = head.anchor_hash;
        note(previous_seq_, previous_);
        ledger_filter filter{.from_seq = 0, .limit = page};
        for (;;) {
            const auto entries = reader_.ledger(filter);
            for (std::size_t i = 0; i < entries.size(); ++i) {
                if (!take(entries, i)) return std::move(out_);
            }
            if (progress && !entries.empty()) progress(entries.back().seq);
            if (entries.size() < page) break;
            filter.from_seq = entries.back().seq + 1;
        }
        out_.last_seq = previous_seq_;
        out_.last_hash = previous_;
        end(head);
        return std::move(out_);
    }

private:
    bool bad(std::uint64_t seq, std::string what) {
        out_.ok = false;
        out_.first_bad_seq = seq;
        out_.what = std::move(what);
        return false;
    }
    static std::string entry(std::uint64_t seq) { return "entry " + std::to_string(seq); }

    void note(std::uint64_t seq, const std::string& hash) {
        if (hash == wanted_.hash && (wanted_.seq == 0 || wanted_.seq == seq)) found_ = true;
    }

    bool take(const std::vector<ledger_entry>& entries, std::size_t i) {
        const ledger_entry& e = entries[i];
        ++out_.entries;
        const auto due = previous_seq_ + 1;
        if (e.seq < due || e.seq > static_cast<std::uint64_t>(INT64_MAX)) {
            return bad(e.seq, entry(e.seq) + " was added: the ledger begins with " + entry(due));
        }
        if (e.seq > due) {
            const bool one = e.seq == due + 1;
            return bad(due,
                       one ? entry(due) + " was removed"
                           : entry(due) + " to " + std::to_string(e.seq - 1) + " were removed");
        }
        const std::string hash = chained_hash(previous_, e);
        if (hash != e.hash) {
            if (e.hash == previous_) {
                return bad(e.seq, entry(e.seq) + " was added: it is a copy of the one before it");
            }
            // One that was put in with a hash that fits shows in the one behind it.
            ledger_entry moved = e;
            --moved.seq;
            if (chained_hash(before_previous_, moved) == e.hash) {
                return bad(moved.seq,
                           entry(moved.seq) + " was added: the one behind it stood in its place");
            }
            return bad(e.seq, explain(entries, i, hash));
        }
        previous_seq_ = e.seq;
        before_previous_ = std::exchange(previous_, e.hash);
        note(e.seq, e.hash);
        if (wanted_.seq == e.seq && !found_) {
            return bad(e.seq, entry(e.seq) + " has not the hash that was noted down: the ledger "
                                             "was written anew up to it, or is another one");
        }
        return true;
    }

    // Why the hash of an entry is not what it should be.
    std::string
    explain(const std::vector<ledger_entry>& entries, std::size_t i, const std::string& hash) {
        const ledger_entry& e = entries[i];
        for (std::size_t j = i + 1; j < entries.size(); ++j) {
            ledger_entry other = entries[j];
            other.seq = e.seq;
            const auto moved = chained_hash(previous_, other);
            if (moved != entries[j].hash && moved != e.hash) continue;
            if (j == i + 1 && !swapped_with_next(entries, i, moved)) {
                return entry(e.seq) + " was added: the one behind it stood in its place";
            }
            return entry(e.seq) + " and " + entry(entries[j].seq) + " were swapped";
        }
        // The next entry's hash tells which hash stood here.
        if (i + 1 < entries.size() && chained_hash(hash, entries[i + 1]) == entries[i + 1].hash) {
            return "the hash of " + entry(e.seq) + " was changed; its content is as it was";
        }
        return entry(e.seq) + " was changed";
    }

    // first: the hash that the one behind has in the place of this one.
    static bool swapped_with_next(const std::vector<ledger_entry>& entries,
                                  std::size_t i,
                                  const std::string& first) {
        ledger_entry moved = entries[i];
        ++moved.seq;
        const auto hash = chained_hash(first, moved);
        return hash == entries[i].hash || hash == entries[i + 1].hash;
    }

    void end(const ledger_head& head) {
        if (!head.present) {
            bad(previous_seq_ + 1,
                "the record of the newest entry was removed, so entries behind " +
                    entry(previous_seq_) + " may be missing");
        } else if (head.seq > previous_seq_) {
            bad(previous_seq_ + 1,
                "the end was cut off: " + entry(previous_seq_ + 1) +
                    (head.seq > previous_seq_ + 1 ? " to " + std::to_string(head.seq) + " are"
                                                  : std::string(" is")) +
                    " missing");
        } else if (head.seq < previous_seq_) {
            bad(head.seq + 1, entry(head.seq + 1) +
                                  " was added at the end, or the record of the newest entry was "
                                  "changed");
        } else if (head.hash != previous_) {
            bad(head.seq, "the record of the newest entry was changed, or the ledger was written "
                          "anew up to " +
                              entry(head.seq));
        } else if (!found_) {
            bad(wanted_.seq, "the hash that was noted down is not in the ledger: it was written "
                             "anew or cut off, or is another one");
        }
    }

    journal_reader& reader_;
    expected wanted_;
    bool found_;
    std::uint64_t previous_seq_ = 0;
    std::string previous_;
    std::string before_previous_;
    ledger_report out_;
};

} // namespace

std::string to_ndjson(const ledger_entry& e) {
    std::string out = open_line(e);
    out.append(",\"hash\":");
    append_json_string(out, e.hash);
    out.push_back('}');
    return out;
}

std::string chained_hash(std::string_view previous, const ledger_entry& e) {
    std::string text(previous);
    text.push_back('\n');
    text.append(open_line(e)).push_back('}');
    return sha256_hex(text);
}

std::string csv_header() {
    return "seq,at,run,instance,step,attempt,connection,operation,object,outcome,request,before,"
           "after,hash,actor";
}

std::string to_csv(const ledger_entry& e) {
    std::string out = std::to_string(e.seq);
    const std::string at = rfc3339(e.at);
    const std::string attempt = std::to_string(e.attempt);
    for (const std::string_view value :
         {std::string_view(at), std::string_view(e.run.str()), std::string_view(e.instance),
          std::string_view(e.step), std::string_view(attempt), std::string_view(e.connection),
          std::string_view(e.operation), std::string_view(e.object), std::string_view(e.outcome),
          std::string_view(e.request), std::string_view(e.before), std::string_view(e.after),
          std::string_view(e.hash), std::string_view(e.actor)}) {
        add_csv(out, value);
    }
    return out;
}

ledger_report verify_ledger(journal_reader& reader,
                            std::string_view expected_head,
                            const std::function<void(std::uint64_t)>& progress) {
    return check(reader, expected_head).run(progress);
}

} // namespace mortise::host
