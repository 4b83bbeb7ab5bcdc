// SPDX-License-Identifier: Apache-2.0
//
// Tells when a plugin file was put into a watched folder. A file counts when its writer has closed
// it or it was moved in, never while it is being written.
#pragma once

#include <mortise/sdk/error.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace mortise::host {

class folder_watch {
public:
    // Called on the io_context with the ".so" files that appeared or changed, sorted, each once,
    // when no further change came for `quiet`; empty when the kernel lost track and the folders
    // should be scanned again.
    using changed_fn = std::function<void(std::vector<std::filesystem::path>)>;

    // Plain files among the folders are not watched; folders that do not exist are an error. The
    // callback is never called from inside start().
    static result<std::unique_ptr<folder_watch>>
    start(boost::asio::io_context& io,
          const std::vector<std::filesystem::path>& folders,
          changed_fn changed,
          std::chrono::milliseconds quiet = std::chrono::milliseconds(250));
    // No callback runs after this returned, provided it runs on the io_context's thread or strand,
    // or after the io_context has stopped.
    ~folder_watch();
    folder_watch(const folder_watch&) = delete;
    folder_watch& operator=(const folder_watch&) = delete;

private:
    struct impl;
    explicit folder_watch(std::shared_ptr<impl> i);
    std::shared_ptr<impl> impl_; // shared with the reads in flight
};

} // namespace mortise::host
