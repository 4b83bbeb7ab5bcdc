// SPDX-License-Identifier: Apache-2.0
#include <mortise/sdk/detail/guard.hpp>

#include <new>

namespace mortise::detail {

error error_of(std::exception_ptr e) noexcept {
    try {
        try {
            std::rethrow_exception(std::move(e));
        } catch (const error& known) {
            return known;
        } catch (const std::bad_alloc&) {
            return {category::limit, "sdk.memory", "The plugin ran out of memory."};
        } catch (const std::exception& other) {
            return {category::internal, "sdk.exception",
                    std::string("The plugin failed unexpectedly: ") + other.what()};
        } catch (...) {
            return {category::internal, "sdk.exception",
                    "The plugin failed unexpectedly and gave no reason."};
        }
    } catch (...) { // no memory even for the message
        error bare;
        bare.category = category::limit;
        return bare;
    }
}

void report(mortise_error_sink sink, const error& e) noexcept {
    if (!sink.set) return;
    const mortise_error c = to_c(e);
    sink.set(sink.ctx, &c);
}

} // namespace mortise::detail
