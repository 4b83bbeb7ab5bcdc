// SPDX-License-Identifier: Apache-2.0
// The mark: a tenon in its mortise.
export function Mark({ size = 28 }: { size?: number }) {
    return (
        <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" class="mark-ground" />
            <path d="M6 8h12v5h-5v6h5v5H6z" class="mark-mortise" />
            <path d="M26 8h-6v5h-5v6h5v5h6z" class="mark-tenon" />
        </svg>
    );
}
