// SPDX-License-Identifier: Apache-2.0
import { PageHead } from "../ui";

export default function Runs() {
    return <PageHead title="Runs" />;
}
