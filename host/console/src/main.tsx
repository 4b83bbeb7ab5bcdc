// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";

import { Shell } from "./shell";
import { applyTheme } from "./state";

applyTheme();
render(<Shell />, document.getElementById("app")!);
