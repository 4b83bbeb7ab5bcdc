// SPDX-License-Identifier: Apache-2.0
//
// A person edits what was shown with secrets hidden. What was left as it was shown becomes what it
// was; what was not, and still says "***", is refused: it would be written. Pure functions.
#pragma once

#include "base/result.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace mortise::host {

// As a form or the command line shows it.
boost::json::value shown_value(const std::string& kept, const std::string& schema);

// given: the whole, or a merge patch over it; kept: JSON text of what there is. Errors: input
// "edit.hidden", each place in details {"problems":[{"pointer","message","hint"}]}.
result<boost::json::value>
put_back_hidden(boost::json::value given, const std::string& kept, const std::string& schema);
// A patch for many: there is no one value to put back.
result<void> refuse_hidden(const boost::json::value& patch);

} // namespace mortise::host
