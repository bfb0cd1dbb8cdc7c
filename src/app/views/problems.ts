import type { ProblemName } from '../store/machine.ts';

/** What the one button of a problem does. */
export type Remedy = 'retry' | 'reload' | 'makeRoom' | 'dismiss';

/** How a problem is told: what happened, why, what still works, and one thing to do. */
export interface ProblemWords {
  readonly title: string;
  readonly cause: string;
  readonly stillWorks: string;
  readonly remedy: Remedy;
  readonly action: string;
  /** Whether the page works on: then it is a note, not an alarm. */
  readonly isMild?: boolean;
}

const RECORDINGS = 'The recorded runs, the steps and the explanation work all the same.';
const KEPT = 'Your pictures are kept.';

export const problems: Readonly<Record<ProblemName, ProblemWords>> = {
  NoWebGpu: {
    title: 'This browser cannot compute on the GPU',
    cause:
      'It has no WebGPU. Chrome and Edge have it since version 113, Safari since 26, Firefox since 141 on Windows; some Linux systems need it switched on.',
    stillWorks: RECORDINGS,
    remedy: 'reload',
    action: 'Try again',
  },
  InsecurePage: {
    title: 'This page was not opened securely',
    cause: 'Browsers give the GPU only to pages from https or from localhost. The browser itself is fine.',
    stillWorks: RECORDINGS,
    remedy: 'reload',
    action: 'Try again',
  },
  NoAdapter: {
    title: 'The browser found no graphics card it may use',
    cause:
      'WebGPU is there, but it offers no adapter: hardware acceleration may be off, the driver blocked, or this is a remote desktop.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Look again',
  },
  DeviceRefused: {
    title: 'The graphics card did not answer',
    cause: 'It is there but refused to start; another program may be using all of it.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Try again',
  },
  Limits: {
    title: 'This model is too large for this graphics card',
    cause: 'One of the card’s limits is smaller than the model needs; the details have both numbers.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Try again',
  },
  OutOfMemory: {
    title: 'The graphics card ran out of memory',
    cause: 'Other tabs or programs may hold much of it. Closing some helps.',
    stillWorks: KEPT,
    remedy: 'retry',
    action: 'Try again',
  },
  DeviceLost: {
    title: 'The graphics card went away twice within a minute',
    cause: 'Its driver may be restarting, or the system took the card back.',
    stillWorks: `${KEPT} They can be played and saved.`,
    remedy: 'retry',
    action: 'Start it again',
  },
  Download: {
    title: 'The model could not be fetched',
    cause: 'The server or the connection failed on the way. What has already come is kept.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Try again',
  },
  Offline: {
    title: 'You are offline and the model is not here yet',
    cause: 'It comes to this device on the first visit with a connection, and stays.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Try again',
  },
  BadFile: {
    title: 'A file of the model is damaged',
    cause: 'It is not what its checksum or its format says, so it was refused before it reached your GPU.',
    stillWorks: RECORDINGS,
    remedy: 'retry',
    action: 'Fetch it again',
  },
  BadRequest: {
    title: 'These settings do not fit the model',
    cause: 'The details name the setting and what it may be.',
    stillWorks: KEPT,
    remedy: 'dismiss',
    action: 'Close',
    isMild: true,
  },
  Quota: {
    title: 'The browser has no room to keep the model',
    cause: 'The model works now, but the next visit has to fetch it again.',
    stillWorks: 'Everything works until this page is closed.',
    remedy: 'dismiss',
    action: 'All right',
    isMild: true,
  },
  StorageFull: {
    title: 'The browser has no room for more pictures',
    cause: 'The newest picture stays only until this page is closed. Download it, or make room.',
    stillWorks: 'Everything else works.',
    remedy: 'makeRoom',
    action: 'Delete the ten oldest without a star',
    isMild: true,
  },
  Internal: {
    title: 'Something broke inside',
    cause: 'That is our fault, not yours. The details help us find it.',
    stillWorks: KEPT,
    remedy: 'retry',
    action: 'Start it again',
  },
};
