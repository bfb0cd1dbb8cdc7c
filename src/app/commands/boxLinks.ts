import { parseBoxLink, writeBoxLink } from '../../core/boxLink.ts';
import { addBox, findBox, gridOf, setBoxClass } from './boxes.ts';
import { className, type Desk } from './desk.ts';

/** Put a link to this page with this box on the clipboard. */
export async function copyBoxLink(desk: Desk, id: number): Promise<void> {
  const found = findBox(desk, id);
  if (!found) return;
  const { notify } = desk.store.getState();
  const link = new URL(
    writeBoxLink([found.box], (classId) => className(desk, classId)),
    location.href,
  ).href;
  try {
    await navigator.clipboard.writeText(link);
    notify(`Link to box ${found.number} copied.`);
  } catch {
    notify(`The browser did not allow copying. The link is ${link}`);
  }
}

/** Draw the boxes that the page's address asks for, and take them out of it; true when there were any. */
export function takeLinkedBoxes(desk: Desk): boolean {
  const { manifest, notify, selectBox } = desk.store.getState();
  const link = parseBoxLink(location.hash, gridOf(desk), manifest?.classes ?? []);
  if (!link) return false;
  history.replaceState(history.state, '', location.pathname + location.search);
  for (const { classId, ...place } of link.boxes) {
    const box = addBox(desk, place);
    if (box) setBoxClass(desk, box.id, classId);
  }
  selectBox(undefined);
  const [name] = link.unknown;
  if (name !== undefined) notify(`This model has no class “${name}”; its box is painted as the picture.`);
  return true;
}

/** Links that are opened while the page is open. Returns how to end it. */
export function followBoxLinks(desk: Desk): () => void {
  const take = (): void => void takeLinkedBoxes(desk);
  window.addEventListener('hashchange', take);
  return () => window.removeEventListener('hashchange', take);
}
