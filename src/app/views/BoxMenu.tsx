import { useRef } from 'react';
import { Menu, MenuItem, Popover, Separator } from 'react-aria-components';
import { boxActions, runBoxAction, type BoxAction } from '../commands/boxMenu.ts';
import { findBox } from '../commands/boxes.ts';
import type { Desk } from '../commands/desk.ts';
import type { BoxMenuPlace } from '../store/touchUp.ts';
import { useDesk } from './desk.ts';
import styles from './BoxMenu.module.css';

/** What can be done with a box, where it was asked for. */
export default function BoxMenu({ place }: { place: BoxMenuPlace }) {
  const desk = useDesk();
  const corner = useRef<HTMLSpanElement>(null);
  const found = findBox(desk, place.id);
  if (!found) return null;
  const isLocked = found.box.locked === true;
  const close = () => {
    desk.store.getState().touchUp({ boxMenu: undefined });
    // The box has the focus again, unless what was chosen opened something of its own.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body)
        document.querySelector<SVGElement>(`g[data-box="${place.id}"]`)?.focus({ preventScroll: true });
    });
  };
  return (
    <>
      <span ref={corner} className={styles.corner} style={{ left: place.x, top: place.y }} />
      <Popover
        className={styles.popover ?? ''}
        triggerRef={corner}
        placement="bottom start"
        offset={4}
        isOpen
        onOpenChange={(isOpen) => !isOpen && close()}
      >
        <Menu
          className={styles.menu ?? ''}
          aria-label={`Box ${found.number}`}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- who opens a menu wants to choose from it
          autoFocus="first"
          onAction={(key) => runBoxAction(desk, String(key))}
          onClose={close}
        >
          {boxActions.flatMap((group, i) => [
            ...(i > 0 ? [<Separator key={`line${i}`} className={styles.line ?? ''} />] : []),
            ...group.filter(({ isShown }) => isShown?.(desk) ?? true).map((action) => itemOf(desk, action, isLocked)),
          ])}
        </Menu>
      </Popover>
    </>
  );
}

function itemOf(desk: Desk, { id, words, fits }: BoxAction, isLocked: boolean) {
  return (
    <MenuItem
      key={id}
      id={id}
      className={styles.item ?? ''}
      data-action={id}
      isDisabled={fits ? !fits(desk, isLocked) : false}
    >
      {words(isLocked)}
    </MenuItem>
  );
}
