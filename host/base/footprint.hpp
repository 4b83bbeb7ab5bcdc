// SPDX-License-Identifier: Apache-2.0
// What an idle host holds of the machine's memory. Starting and reloading touch most of the code of
// the program, its libraries and the plugins once, and the system keeps every page of it in this
// process for as long as memory is plenty. Most of it is never wanted again.
#pragma once

namespace mortise::host {

// [any-thread] Gives back what only loading and checking needed: free heap, and pages of loaded
// libraries that are as they are in their files. What is wanted again comes back from the page
// cache by itself, at about a microsecond for 64 KiB. Pages that anything has changed (relocations,
// a debugger's break points) stay. Takes some milliseconds; other threads go on. Without /proc it
// gives back the heap only.
void give_back_memory() noexcept;

} // namespace mortise::host
