// SPDX-License-Identifier: Apache-2.0
//
// What the operations take. What they give is mostly iconik's own documents, passed on as they come
// (new fields appear there without notice), with a few fields added; see README.md.
#pragma once

#include "inputs_account.hpp"
#include "inputs_assets.hpp"
#include "inputs_collections.hpp"
#include "inputs_files.hpp"
#include "inputs_lifecycle.hpp"
#include "inputs_review.hpp"
#include "inputs_rights.hpp"
#include "inputs_webhooks.hpp"
