// SPDX-License-Identifier: Apache-2.0
//
// A store of large files that exist nowhere, for tests of content: what is downloaded is made of a
// pattern as it is sent, what is uploaded is compared with the pattern and dropped. Constant
// memory. [any-thread]
//   GET  /files/<n>        n bytes of the pattern; Range: bytes=<from>-
//   PUT  /whole/<name>     takes a body; {"id","size","checksum"}
//   PUT  /session/<name>?at=<offset>   appends to an upload that stays; {"id","size"}
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mortise::test {

struct file_faults {
    std::vector<std::uint64_t> cut_downloads; // the n-th download ends after so many bytes
    std::optional<std::uint64_t> cut_upload;  // the next upload's connection ends after so many
    int refuse_uploads = 0;                   // so many get 503 before a byte is read
    std::int64_t announce_more = 0;           // beside what is really there
    bool chunked = false;                     // downloads without a length
    bool lie_about_size = false;              // uploads answer one byte too few
    std::string checksum;                     // of downloads: "md5:..." in x-checksum
    std::string upload_checksum;              // uploads answer this one instead of the true one
    std::optional<std::uint64_t> hold_upload; // uploads stop at this offset until release()
};

struct upload_seen {
    std::uint64_t size = 0;
    bool good = true; // every byte was the pattern's
    int requests = 0;
};

class file_server {
public:
    file_server();
    ~file_server();
    file_server(const file_server&) = delete;
    file_server& operator=(const file_server&) = delete;

    std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    void set(file_faults f);
    void release(); // what is held goes on

    upload_seen upload(const std::string& name) const;
    std::vector<std::uint64_t> downloads() const; // the offsets they began at
    std::uint64_t bytes_sent() const { return sent_.load(); }

    // A piece of the pattern, at most 256 KiB.
    static std::string_view pattern(std::uint64_t offset, std::uint64_t size);
    static std::string sha256_of(std::uint64_t size);

private:
    void accept_all();
    void serve(int fd);
    bool download(int fd, const std::string& head);
    bool upload_from(int fd, const std::string& head, std::string kept);

    int listener_ = -1;
    unsigned short port_ = 0;
    mutable std::mutex mutex_; // guards what follows
    file_faults faults_;
    std::map<std::string, upload_seen> uploads_;
    std::vector<std::uint64_t> downloads_;
    std::list<std::thread> threads_;
    std::vector<int> open_;
    bool stopping_ = false;
    std::atomic<bool> released_{false};
    std::atomic<std::uint64_t> sent_{0};
    std::thread acceptor_;
};

} // namespace mortise::test
