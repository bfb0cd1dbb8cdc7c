import { execFileSync } from 'node:child_process';

/** The commit that is checked out in `root`, as git tells it (packed references, linked worktrees); 'unknown' without git or history. */
export function commitOf(root) {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}
