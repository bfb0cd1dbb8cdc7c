import { bringToFront, duplicateBox, findBox, fitBox, fitToThirds, removeBox, toggleLock } from './boxes.ts';
import { copyBoxLink } from './boxLinks.ts';
import type { Desk } from './desk.ts';
import { boxRun } from './edit.ts';
import { generate } from './generate.ts';
import { onShow } from './base.ts';

/** Share of a box's cells that "the weakest" are. */
const WEAKEST = 0.3;

/** What can be done with a box; `fits` says when, always where it is missing. */
export interface BoxAction {
  readonly id: string;
  readonly words: (isLocked: boolean) => string;
  readonly fits?: (desk: Pick<Desk, 'store'>, isLocked: boolean) => boolean;
  /** Whether it is in the menu at all; always where it is missing. */
  readonly isShown?: (desk: Pick<Desk, 'store'>) => boolean;
  readonly run: (desk: Desk, boxId: number) => void;
}

const hasPicture: BoxAction['fits'] = ({ store }) =>
  onShow(store.getState()) !== undefined && store.getState().job.kind === 'idle';

/** The menu of a box, in order; a list begins a new group. */
export const boxActions: readonly (readonly BoxAction[])[] = [
  [
    {
      id: 'class',
      words: () => 'Change class…',
      run: ({ store }, id) => (store.getState().selectBox(id), store.getState().openDialog('classes')),
    },
    {
      id: 'alone',
      words: () => 'Repaint only this box',
      fits: hasPicture,
      run: (desk, id) => void generate(desk, () => boxRun(desk, id)),
    },
    {
      id: 'seed',
      words: () => 'New seed here',
      // With a free seed, "Repaint only this box" takes a new one as it is.
      isShown: ({ store }) => store.getState().wish.seedLocked,
      fits: hasPicture,
      run: (desk, id) => {
        desk.store.getState().change({ seedLocked: false });
        void generate(desk, () => boxRun(desk, id));
      },
    },
    {
      id: 'weakest',
      words: () => 'Repaint its weakest cells',
      fits: hasPicture,
      run: (desk, id) => void generate(desk, () => boxRun(desk, id, WEAKEST)),
    },
  ],
  [
    { id: 'copy', words: () => 'Duplicate', run: duplicateBox },
    { id: 'fit', words: () => 'Fit to the picture', fits: (_, isLocked) => !isLocked, run: fitBox },
    { id: 'thirds', words: () => 'Fit to thirds', fits: (_, isLocked) => !isLocked, run: fitToThirds },
    { id: 'front', words: () => 'Bring to front', run: bringToFront },
    { id: 'lock', words: (isLocked) => (isLocked ? 'Unlock' : 'Lock in place'), run: toggleLock },
  ],
  [
    { id: 'link', words: () => 'Copy as a link', run: (desk, id) => void copyBoxLink(desk, id) },
    { id: 'remove', words: () => 'Delete', run: removeBox },
  ],
];

/** Open the menu of a box at a point of the window, in CSS pixels; the box is selected by it. */
export function openBoxMenu({ store }: Pick<Desk, 'store'>, id: number, x: number, y: number): void {
  if (!findBox({ store }, id)) return;
  const { selectBox, touchUp } = store.getState();
  selectBox(id);
  touchUp({ boxMenu: { id, x, y } });
}

/** What was chosen in the menu. */
export function runBoxAction(desk: Desk, actionId: string): void {
  const { boxMenu, touchUp } = desk.store.getState();
  const action = boxActions.flat().find(({ id }) => id === actionId);
  touchUp({ boxMenu: undefined });
  if (boxMenu && action) action.run(desk, boxMenu.id);
}
