// SPDX-License-Identifier: Apache-2.0
//
// All of the SDK that connectors and flows use. Include parts of it where compile time matters.
#pragma once

#include <mortise/sdk/body_stream.hpp>
#include <mortise/sdk/connector.hpp>
#include <mortise/sdk/error.hpp>
#include <mortise/sdk/flow.hpp>
#include <mortise/sdk/join.hpp>
#include <mortise/sdk/json.hpp>
#include <mortise/sdk/mapping.hpp>
#include <mortise/sdk/plugin.hpp>
#include <mortise/sdk/schema.hpp>
#include <mortise/sdk/signature.hpp>
#include <mortise/sdk/task.hpp>
#include <mortise/sdk/time_text.hpp>
#include <mortise/sdk/url.hpp>
