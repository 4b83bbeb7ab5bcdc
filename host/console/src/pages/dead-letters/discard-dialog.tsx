// SPDX-License-Identifier: Apache-2.0
import { api, type Run } from "../../api";
import { Confirm, toast } from "../../ui";

export function DiscardDialog({ run, onClose, onDone }: {
    run: Run; onClose: () => void; onDone: () => void;
}) {
    return (
        <Confirm title="Discard this run?" action="Discard" danger reason="needed" onClose={onClose}
            act={async (reason) => {
                await api.runs.discard(run.id, reason);
                toast("Run discarded.");
                onDone();
            }}>
            <p>
                The run for <b>{run.event_subject || run.key}</b> is given up for good. Nothing is undone in
                the other systems; the record of the run stays.
            </p>
        </Confirm>
    );
}
