// SPDX-License-Identifier: Apache-2.0
#include "base/bearer.hpp"
#include "base/log.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace mortise::host;

TEST_CASE("signatures and tokens in URLs are hidden, and the rest of the URL stays", "[bearer]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"https://b.s3.amazonaws.com/a/film.mov?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
         "AKIA%2F20260101%2Feu-west-1&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600"
         "&X-Amz-SignedHeaders=host&X-Amz-Signature=0f1e2d&X-Amz-Security-Token=Fwo%2Bx%3D%3D",
         "https://b.s3.amazonaws.com/a/film.mov?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
         "***&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600"
         "&X-Amz-SignedHeaders=host&X-Amz-Signature=***&X-Amz-Security-Token=***"},
        {"https://storage.googleapis.com/b/o?X-Goog-Signature=aa&X-Goog-Date=1",
         "https://storage.googleapis.com/b/o?X-Goog-Signature=***&X-Goog-Date=1"},
        {"https://storage.googleapis.com/upload?uploadType=resumable&upload_id=ABg5",
         "https://storage.googleapis.com/upload?uploadType=resumable&upload_id=***"},
        {"https://acc.blob.core.windows.net/c/f?sv=2024&se=2026-01-01T00%3A00Z&sig=a%2Bb%3D",
         "https://acc.blob.core.windows.net/c/f?sv=2024&se=2026-01-01T00%3A00Z&sig=***"},
        {"https://cs/otcs/llisapi.dll?func=ll&otcsticket=abc&next=1#x",
         "https://cs/otcs/llisapi.dll?func=ll&otcsticket=***&next=1#x"},
        {"see <https://h/p?Signature=abc> and https://h/q?token=def, please",
         "see <https://h/p?Signature=***> and https://h/q?token=***, please"},
        {"https://h/cb#access_token=abc&state=1", "https://h/cb#access_token=***&state=1"},
        {"https://h/go?to=https%3A%2F%2Fb%2Ff%3Fsig%3Dabc%26n%3D1&x=2",
         "https://h/go?to=https%3A%2F%2Fb%2Ff%3Fsig%3D***%26n%3D1&x=2"},
        {R"({"u":"https://h/p?a=1\u0026sig=abc\u0026n=2"})",
         R"({"u":"https://h/p?a=1\u0026sig=***\u0026n=2"})"},
        {"grant_type=refresh_token&refresh_token=abc",
         "grant_type=refresh_token&refresh_token=***"},
        {"LLCookie=abc; otcsticket=def; lang=en", "LLCookie=***; otcsticket=***; lang=en"},
        {"https://anna:pw@host/x@y and ftp://a:b@c", "https://***@host/x@y and ftp://***@c"},
    };
    for (const auto& [text, wanted] : rows) {
        CHECK(without_bearer(text) == wanted);
        CHECK(without_bearer(wanted) == wanted);
    }
}

TEST_CASE("a text of megabytes that is full of signatures takes no longer than another",
          "[bearer]") {
    for (const std::string one : {"sig=abcd&", "sig%3Dabcd%26"}) {
        std::string text, wanted;
        for (int i = 0; i < 300'000; ++i) {
            text += one;
            wanted += one.find('%') == std::string::npos ? "sig=***&" : "sig%3D***%26";
        }
        CHECK((without_bearer(text) == wanted)); // not printed
    }
}

TEST_CASE("header fields, bearer words and JSON Web Tokens are hidden in any text", "[bearer]") {
    const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"sent Authorization: Bearer abcDEF123456 to it", "sent Authorization: Bearer *** to it"},
        {"authorization: Basic dXNlcjpwYXNz\r\nhost: a", "authorization: Basic ***\r\nhost: a"},
        {"Authorization: apiToken 9f8e7d6c5b4a", "Authorization: apiToken ***"},
        {"OTCSTicket: abc123def", "OTCSTicket: ***"},
        {R"({"access_token": "abc", "expires_in": 3})",
         R"({"access_token": "***", "expires_in": 3})"},
        {R"(body was {\"client_secret\":\"abc\",\"n\":1})",
         R"(body was {\"client_secret\":\"***\",\"n\":1})"},
        {R"({"password":"a\"b","n":1})", R"({"password":"***","n":1})"},
        {"the token " + jwt + " was refused", "the token *** was refused"},
        {jwt, "***"},
        {"bearer 0123456789abcdef0123", "bearer ***"},
    };
    for (const auto& [text, wanted] : rows) {
        CHECK(without_bearer(text) == wanted);
        CHECK(without_bearer(wanted) == wanted);
    }
}

TEST_CASE("what only looks like it stays as it is", "[bearer]") {
    for (const std::string text : {"",
                                   "?sig=",
                                   "sig",
                                   "https://h/p?design=1&mytoken=2&page_token_count=3",
                                   "sign in, or send Authorization: Bearer with a token",
                                   "the Authorization: header",
                                   "send Authorization: Bearer TOKEN",
                                   "Bearer of good news",
                                   "a bearer certificate of stock",
                                   "Basic information of the asset",
                                   "signature: missing",
                                   "the password is wrong",
                                   "eyJ is how a token begins",
                                   "eyJhbGciOiJIUzI1NiJ9 and no more",
                                   "a.eyJb.c",
                                   "https://h/a@b",
                                   "ssh://git@host/r",
                                   "10:30",
                                   "urn:uuid:1-2",
                                   "a=b&c=d",
                                   "://",
                                   "=",
                                   ":",
                                   R"({"token_count": 3, "password_policy": "strict"})",
                                   "%3D",
                                   "\"",
                                   "Authorization:",
                                   "Authorization: \""})
        CHECK(without_bearer(text) == text);
}

TEST_CASE("names of members that hold a credential", "[bearer]") {
    for (const char* name : {"Authorization", "proxy-authorization", "Set-Cookie", "access_token",
                             "OTCSTicket", "client_secret", "password", "X-Amz-Security-Token"})
        CHECK(is_bearer_member(name));
    for (const char* name : {"", "token", "authorizations", "signature", "passwords", "author"})
        CHECK_FALSE(is_bearer_member(name));
}

TEST_CASE("what log, traces and alerts say goes the same way", "[bearer]") {
    redact_in_log("known-secret-8231");
    CHECK(redacted("known-secret-8231 at https://h/f?sig=abc&n=1") ==
          "*** at https://h/f?sig=***&n=1");
    CHECK(redacted("nothing of the kind") == "nothing of the kind");
}
