// SPDX-License-Identifier: Apache-2.0
import "./plugins/plugins.css";
import type { PageProps } from "./index";
import { PluginList } from "./plugins/list";
import { PluginPage } from "./plugins/plugin";

export default function Plugins({ path }: PageProps) {
    return path[0] === undefined ? <PluginList /> : <PluginPage key={path[0]} id={path[0]} />;
}
