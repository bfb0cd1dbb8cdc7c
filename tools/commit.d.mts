/** The commit that is checked out in `root`; 'unknown' without git or history. */
export function commitOf(root: string): string;
