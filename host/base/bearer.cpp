// SPDX-License-Identifier: Apache-2.0
#include "base/bearer.hpp"

#include <algorithm>
#include <array>

namespace mortise::host {
namespace {

constexpr std::string_view hidden = "***";

// What a URL or a cookie carries. Of S3 and its like (X-Amz-*, SigV2's Signature), Google
// (X-Goog-*, upload_id of a resumable upload), Azure (sig), B2 (Authorization), OpenText (tickets,
// LLCookie), OAuth 2.0 and common usage. X-Amz-Date and X-Amz-Expires stay: they tell whether a URL
// is too old.
constexpr std::array parameters = std::to_array<std::string_view>({"access_token",
                                                                   "api-key",
                                                                   "api_key",
                                                                   "apikey",
                                                                   "auth-token",
                                                                   "auth_token",
                                                                   "authorization",
                                                                   "client_assertion",
                                                                   "client_secret",
                                                                   "id_token",
                                                                   "jsessionid",
                                                                   "jwt",
                                                                   "llcookie",
                                                                   "mortise_session",
                                                                   "otcsticket",
                                                                   "otdsticket",
                                                                   "passwd",
                                                                   "password",
                                                                   "phpsessid",
                                                                   "refresh_token",
                                                                   "sas_token",
                                                                   "session_token",
                                                                   "sessionid",
                                                                   "sig",
                                                                   "signature",
                                                                   "ticket",
                                                                   "token",
                                                                   "upload_id",
                                                                   "upload_token",
                                                                   "x-amz-credential",
                                                                   "x-amz-security-token",
                                                                   "x-amz-signature",
                                                                   "x-api-key",
                                                                   "x-goog-credential",
                                                                   "x-goog-signature"});

// What a header field or a member of an object is called.
constexpr std::array members = std::to_array<std::string_view>({"access_token",
                                                                "api-key",
                                                                "api_key",
                                                                "apikey",
                                                                "auth-token",
                                                                "auth_token",
                                                                "authorization",
                                                                "client_assertion",
                                                                "client_secret",
                                                                "cookie",
                                                                "id_token",
                                                                "jwt",
                                                                "llcookie",
                                                                "otcsticket",
                                                                "otdsticket",
                                                                "passwd",
                                                                "password",
                                                                "proxy-authorization",
                                                                "refresh_token",
                                                                "sas_token",
                                                                "session_token",
                                                                "set-cookie",
                                                                "upload_token",
                                                                "x-amz-credential",
                                                                "x-amz-security-token",
                                                                "x-amz-signature",
                                                                "x-api-key",
                                                                "x-auth-token",
                                                                "x-goog-credential",
                                                                "x-goog-signature"});

constexpr std::array schemes =
    std::to_array<std::string_view>({"apitoken", "basic", "bearer", "negotiate", "token"});

constexpr std::size_t longest_name = 24;

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    if (name.size() > longest_name) return false;
    return std::any_of(names.begin(), names.end(), [name](std::string_view n) {
        return n.size() == name.size() && std::equal(n.begin(), n.end(), name.begin(),
                                                     [](char a, char b) { return a == lower(b); });
    });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool is_name(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
}

bool is_base64url(char c) {
    return is_name(c);
}

bool ends_value(char c) {
    constexpr std::string_view marks = "&#;,\"'<>)]}|\\`";
    return static_cast<unsigned char>(c) <= ' ' || marks.find(c) != std::string_view::npos;
}

// A word of prose is short, has no digits, and no capitals in the middle.
bool looks_like_a_credential(std::string_view word) {
    if (word.size() < 6 || word.size() >= 16) return word.size() >= 16;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (is_digit(word[i]) ||
            (i > 0 && lower(word[i]) != word[i] && lower(word[i - 1]) == word[i - 1]))
            return true;
    return false;
}

std::size_t end_of_value(std::string_view text, std::size_t from) {
    while (from < text.size() && !ends_value(text[from]))
        ++from;
    return from;
}

// The name that ends before `end`, read backwards.
std::string_view name_before(std::string_view text, std::size_t end) {
    auto begin = end;
    while (begin > 0 && end - begin <= longest_name + 2 && is_name(text[begin - 1]))
        --begin;
    auto name = text.substr(begin, end - begin);
    // "%3Fsig%3D": a URL within a URL.
    if (begin > 0 && text[begin - 1] == '%' && name.size() > 2 &&
        (name.starts_with("26") || name.starts_with("3F") || name.starts_with("3f")))
        name.remove_prefix(2);
    // "\u0026sig=": an ampersand as some write it in JSON.
    if (begin > 0 && text[begin - 1] == '\\' && name.starts_with("u0026")) name.remove_prefix(5);
    return name;
}

class cleaner {
public:
    explicit cleaner(std::string text) : text_(std::move(text)) {}

    std::string clean() {
        // Most texts have none of these.
        if (text_.find_first_of("=:%") != std::string::npos) {
            for (const auto* equals : {"=", "%3D", "%3d"}) {
                parameters_in(equals);
                end_pass();
            }
            fields();
            end_pass();
            url_passwords();
            end_pass();
        }
        tokens();
        end_pass();
        bearers();
        end_pass();
        return std::move(text_);
    }

private:
    // A pass goes through the text in order and leaves it as it is; what it hid is out at its end.
    // So a text of megabytes that is full of such places takes no longer than one without. Returns
    // where the pass goes on.
    std::size_t hide(std::size_t from, std::size_t to) {
        if (from >= to) return to;
        out_.append(text_, copied_, from - copied_).append(hidden);
        copied_ = to;
        return to;
    }

    void end_pass() {
        if (copied_ == 0) return;
        out_.append(text_, copied_);
        text_.swap(out_);
        out_.clear();
        copied_ = 0;
    }

    void parameters_in(std::string_view equals) {
        for (auto at = text_.find(equals); at != std::string::npos; at = text_.find(equals, at)) {
            const bool ours = is_one_of(parameters, name_before(text_, at));
            at += equals.size();
            if (!ours) continue;
            auto end = at;
            while (end < text_.size() && !ends_value(text_[end]) &&
                   !(equals.size() > 1 && text_.compare(end, 3, "%26") == 0))
                ++end;
            at = hide(at, end);
        }
    }

    // "Authorization: Basic x", "\"access_token\": \"x\""
    void fields() {
        for (auto at = text_.find(':'); at != std::string::npos; at = text_.find(':', at)) {
            auto end = at;
            while (end > 0 && (text_[end - 1] == '"' || text_[end - 1] == '\\'))
                --end;
            const bool ours = is_one_of(members, name_before(text_, end));
            ++at;
            if (!ours) continue;
            while (at < text_.size() && text_[at] == ' ')
                ++at;
            at = value_at(at);
        }
    }

    std::size_t value_at(std::size_t at) {
        auto quote = at;
        while (quote < text_.size() && text_[quote] == '\\')
            ++quote;
        if (quote < text_.size() && text_[quote] == '"') {
            auto end = quote + 1;
            // Within a text that is quoted itself the closing quote has a backslash too.
            const bool nested = quote > at;
            while (end < text_.size() && text_[end] != '"' && !(nested && text_[end] == '\\'))
                end += text_[end] == '\\' ? 2 : 1;
            return hide(quote + 1, std::min(end, text_.size()));
        }
        auto end = end_of_value(text_, at);
        if (is_one_of(schemes, std::string_view(text_).substr(at, end - at)) &&
            end < text_.size() && text_[end] == ' ') {
            at = end + 1;
            end = end_of_value(text_, at);
        }
        return looks_like_a_credential(std::string_view(text_).substr(at, end - at)) ? hide(at, end)
                                                                                     : end;
    }

    void url_passwords() {
        for (auto at = text_.find("://"); at != std::string::npos; at = text_.find("://", at)) {
            at += 3;
            const auto end = std::min(text_.find_first_of("/?#\"'<> \t\r\n\\", at), text_.size());
            const auto authority = std::string_view(text_).substr(at, end - at);
            const auto before_host = authority.rfind('@');
            if (before_host != std::string_view::npos &&
                authority.substr(0, before_host).find(':') != std::string_view::npos)
                at = hide(at, at + before_host);
        }
    }

    // JWS and JWE in their compact form (RFC 7515, RFC 7516): '{"' begins them all.
    void tokens() {
        for (auto at = text_.find("eyJ"); at != std::string::npos; at = text_.find("eyJ", at)) {
            auto end = at;
            std::size_t dots = 0;
            while (end < text_.size() && (is_base64url(text_[end]) || text_[end] == '.')) {
                if (text_[end] == '.') ++dots;
                ++end;
            }
            const bool starts = at == 0 || !is_base64url(text_[at - 1]);
            const auto head = std::string_view(text_).substr(at, end - at).find('.');
            at = starts && dots >= 2 && head >= 8 && end - at >= 24 ? hide(at, end)
                                                                    : std::max(end, at + 3);
        }
    }

    void bearers() {
        constexpr std::string_view word = "earer ";
        for (auto at = text_.find(word); at != std::string::npos; at = text_.find(word, at)) {
            at += word.size();
            const auto end = end_of_value(text_, at);
            const auto credential = std::string_view(text_).substr(at, end - at);
            if (credential.size() >= 16 &&
                (credential.size() >= 32 ||
                 std::any_of(credential.begin(), credential.end(), is_digit)))
                at = hide(at, end);
        }
    }

    std::string text_;
    std::string out_; // of this pass, up to copied_ of text_
    std::size_t copied_ = 0;
};

} // namespace

std::string without_bearer(std::string text) {
    return text.size() < 8 ? text : cleaner(std::move(text)).clean();
}

bool is_bearer_member(std::string_view name) noexcept {
    return is_one_of(members, name);
}

} // namespace mortise::host
