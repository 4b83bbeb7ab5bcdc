// SPDX-License-Identifier: Apache-2.0
// Runs that need a person: by cause, the runs of one cause, editing, bulk jobs.
import "../styles/bar.css";
import "./dead-letters/dead-letters.css";
import type { PageProps } from "./index";
import { BulkJobs } from "./dead-letters/jobs";
import { Causes } from "./dead-letters/causes";
import { Cause } from "./dead-letters/cause";
import { EditRun } from "./dead-letters/edit";

export default function DeadLetters({ path }: PageProps) {
    const [first, second] = path;
    if (first === undefined) return <Causes />;
    if (first === "jobs") return <BulkJobs only={second} />;
    if (first === "edit" && second !== undefined) return <EditRun key={second} id={second} />;
    return <Cause key={first} fingerprint={first} />;
}
