import { fitted, zoomed } from '../canvas/viewport.ts';
import { chooseClass } from './classes.ts';
import type { Desk } from './desk.ts';
import { editShortcuts, leaveTool, undoLast } from './editShortcuts.ts';
import { tryAnew } from './extend.ts';
import { generateOrStop, stopJob } from './generate.ts';
import { discardStaged } from './staging.ts';
import { changeSpeed, seekTo, togglePlay } from './playback.ts';
import { copyResult, deleteResult, downloadResult, toggleStar } from './results.ts';

export interface Shortcut {
  /** As shown in the list; 'Mod' is ⌘ on Apple's keyboards, Ctrl elsewhere. */
  readonly keys: readonly string[];
  readonly does: string;
  readonly group: 'Make' | 'Repaint' | 'Watch' | 'Look' | 'Keep' | 'Page';
  /** Keys without a modifier can be switched off, and never fire while something is typed. */
  readonly isSingle: boolean;
  readonly fits: (event: KeyboardEvent, mod: boolean) => boolean;
  /** Returns false to leave the key to the browser. */
  readonly run: (desk: Desk) => void | false;
}

const letter =
  (key: string) =>
  (event: KeyboardEvent, mod: boolean): boolean =>
    !mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === key;
const withMod =
  (key: string) =>
  (event: KeyboardEvent, mod: boolean): boolean =>
    mod && !event.shiftKey && event.key.toLowerCase() === key;

const shown = (desk: Desk): string | undefined => {
  const { reelId, results } = desk.store.getState();
  return results.find(({ id }) => id === reelId)?.id;
};
const onShown = (act: (desk: Desk, id: string) => unknown) => (desk: Desk) => {
  const id = shown(desk);
  if (id === undefined) return false;
  act(desk, id);
  return undefined;
};
const again = (desk: Desk): void => void tryAnew(desk);
const step = (by: number) => (desk: Desk) => seekTo(desk, desk.store.getState().frame + by);
const zoom = (factor: number) => (desk: Desk) =>
  desk.store.getState().view({ viewport: zoomed(desk.store.getState().viewport, factor) });

/** Every shortcut of the page: the list that `?` shows is this list. */
export const shortcuts: readonly Shortcut[] = [
  ...editShortcuts,
  {
    keys: ['Mod', 'Enter'],
    does: 'Generate, or stop',
    group: 'Make',
    isSingle: false,
    fits: withMod('enter'),
    run: generateOrStop,
  },
  {
    keys: ['Esc'],
    does: 'Stop, or put the tool down',
    group: 'Make',
    isSingle: false,
    fits: letter('escape'),
    run: (desk) => (desk.store.getState().job.kind === 'idle' ? leaveTool(desk) : stopJob(desk)),
  },
  { keys: ['N'], does: 'New seed, at once', group: 'Make', isSingle: true, fits: letter('n'), run: again },
  {
    keys: ['R'],
    does: 'A class by chance',
    group: 'Make',
    isSingle: true,
    fits: letter('r'),
    run: (desk) => chooseClass(desk, 'random'),
  },
  {
    keys: ['/'],
    does: 'Search a class',
    group: 'Make',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '/',
    run: (desk) => desk.store.getState().openDialog('classes'),
  },
  {
    keys: ['Mod', 'K'],
    does: 'Search a class',
    group: 'Make',
    isSingle: false,
    fits: withMod('k'),
    run: (desk) => desk.store.getState().openDialog('classes'),
  },
  { keys: ['K'], does: 'Play or pause', group: 'Watch', isSingle: true, fits: letter('k'), run: togglePlay },
  {
    keys: [','],
    does: 'One step back',
    group: 'Watch',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === ',',
    run: step(-1),
  },
  {
    keys: ['.'],
    does: 'One step on',
    group: 'Watch',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '.',
    run: step(1),
  },
  {
    keys: ['Home'],
    does: 'First step',
    group: 'Watch',
    isSingle: true,
    fits: letter('home'),
    run: (desk) => seekTo(desk, 0),
  },
  {
    keys: ['End'],
    does: 'The picture',
    group: 'Watch',
    isSingle: true,
    fits: letter('end'),
    run: (desk) => seekTo(desk, Infinity),
  },
  {
    keys: ['J'],
    does: 'Slower',
    group: 'Watch',
    isSingle: true,
    fits: letter('j'),
    run: (desk) => changeSpeed(desk, -1),
  },
  {
    keys: ['L'],
    does: 'Faster',
    group: 'Watch',
    isSingle: true,
    fits: letter('l'),
    run: (desk) => changeSpeed(desk, 1),
  },
  {
    keys: ['1'],
    does: 'Show the picture',
    group: 'Look',
    isSingle: true,
    fits: digit(1),
    run: (desk) => desk.store.getState().view({ overlay: 'none' }),
  },
  {
    keys: ['5'],
    does: 'Show how sure it is',
    group: 'Look',
    isSingle: true,
    fits: digit(5),
    run: (desk) => desk.store.getState().view({ overlay: 'sureness' }),
  },
  {
    keys: ['G'],
    does: 'Token grid',
    group: 'Look',
    isSingle: true,
    fits: letter('g'),
    run: ({ store }) => store.getState().view({ gridShown: !store.getState().gridShown }),
  },
  {
    keys: ['+'],
    does: 'Zoom in',
    group: 'Look',
    isSingle: true,
    fits: (event, mod) => !mod && (event.key === '+' || event.key === '='),
    run: zoom(1.5),
  },
  {
    keys: ['−'],
    does: 'Zoom out',
    group: 'Look',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '-',
    run: zoom(1 / 1.5),
  },
  {
    keys: ['Shift', '1'],
    does: 'Fit',
    group: 'Look',
    isSingle: true,
    fits: (event, mod) => !mod && event.shiftKey && event.code === 'Digit1',
    run: (desk) => desk.store.getState().view({ viewport: fitted }),
  },
  { keys: ['S'], does: 'Star', group: 'Keep', isSingle: true, fits: letter('s'), run: onShown(toggleStar) },
  {
    keys: ['Del'],
    does: 'Discard the result, or delete',
    group: 'Keep',
    isSingle: true,
    fits: letter('delete'),
    run: (desk) => (discardStaged(desk) ? undefined : onShown(deleteResult)(desk)),
  },
  {
    keys: ['Mod', 'Z'],
    does: 'Undo',
    group: 'Keep',
    isSingle: false,
    fits: withMod('z'),
    run: undoLast,
  },
  {
    keys: ['Mod', 'S'],
    does: 'Save as PNG',
    group: 'Keep',
    isSingle: false,
    fits: withMod('s'),
    run: onShown((desk, id) => downloadResult(desk, id)),
  },
  {
    keys: ['Mod', 'C'],
    does: 'Copy the picture',
    group: 'Keep',
    isSingle: false,
    fits: withMod('c'),
    run: (desk) => (hasSelection() ? false : onShown(copyResult)(desk)),
  },
  {
    keys: ['?'],
    does: 'This list',
    group: 'Page',
    isSingle: true,
    fits: (event, mod) => !mod && event.key === '?',
    run: (desk) => desk.store.getState().openDialog('shortcuts'),
  },
  { keys: ['F6'], does: 'Next part of the page', group: 'Page', isSingle: false, fits: letter('f6'), run: nextRegion },
];

function digit(number: number) {
  return (event: KeyboardEvent, mod: boolean): boolean =>
    !mod && !event.shiftKey && !event.altKey && event.code === `Digit${number}`;
}

function hasSelection(): boolean {
  return !(document.getSelection()?.isCollapsed ?? true);
}

/** Move the focus to the first thing of the next region, around in a ring. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((one) => one.offsetParent);
  const now = regions.findIndex((one) => one.contains(document.activeElement));
  const region = regions[(now + 1) % regions.length];
  region?.querySelector<HTMLElement>('button:not(:disabled), [tabindex="0"], input, a[href], select')?.focus();
}
