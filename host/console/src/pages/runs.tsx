// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense } from "preact/compat";

import { RunList } from "../runs/list";
import { Loading } from "../ui";
import type { PageProps } from "./index";
import "./runs.css";

const RunPage = lazy(() => import("../runs/run"));

export default function Runs({ path }: PageProps) {
    const id = path[0];
    if (id === undefined) return <RunList />;
    return <Suspense fallback={<Loading lines={8} />}><RunPage key={id} id={id} /></Suspense>;
}
