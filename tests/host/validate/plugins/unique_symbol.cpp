// SPDX-License-Identifier: Apache-2.0
// Built without the helper: its template's static member is exported as a unique symbol.
#define FIXTURE_NAME "unique-symbol"
#include "../../../fixtures/minimal.h"

template <class T>
struct __attribute__((visibility("default"))) counted {
    static inline T count = T();
};

extern "C" __attribute__((visibility("default"))) int* fixture_count() {
    return &counted<int>::count;
}
