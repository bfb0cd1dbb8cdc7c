import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts threads' time in ticks of so many ms (USER_HZ, 100 on every architecture that Node runs on). */
const TICK_MS = 10;

/**
 * Processor time of all threads of this process but the main one, which polls: on a software adapter, what the drivers'
 * threads computed, however loaded the machine is. Undefined where there is no /proc.
 */
export function workerThreadsMs(): number | undefined {
  try {
    const threads = readdirSync('/proc/self/task').filter((id) => id !== String(process.pid));
    return TICK_MS * threads.reduce((sum, id) => sum + ticksOf(id), 0);
  } catch {
    return undefined;
  }
}

/** User and system ticks; a thread that has ended meanwhile counts nothing. */
function ticksOf(thread: string): number {
  try {
    // The name in brackets may hold anything; behind it the fields are plain, utime and stime the 14th and 15th of all.
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
