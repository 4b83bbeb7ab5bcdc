// SPDX-License-Identifier: Apache-2.0
import "../styles/bar.css";
import "./connections/connections.css";
import type { PageProps } from "./index";
import { ConnectionPage } from "./connections/connection";
import { ConnectionList } from "./connections/list";

export default function Connections({ path }: PageProps) {
    return path[0] === undefined ? <ConnectionList /> : <ConnectionPage key={path[0]} name={path[0]} />;
}
