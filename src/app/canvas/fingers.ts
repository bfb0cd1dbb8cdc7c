import type { StudioStore } from '../store/studio.ts';
import { drag, pinch } from './gestures.ts';
import { pointOf, type Point } from './press.ts';

/**
 * The fingers on the layer over the picture. Two of them zoom and move the picture and never draw. Once a pen was seen,
 * one finger moves the picture too, and while the pen is down the hand that holds it does nothing.
 */
export class Fingers {
  private readonly down = new Map<number, Point>();
  private hasPen = false;
  private readonly store: StudioStore;
  private readonly canvas: HTMLElement;

  constructor(store: StudioStore, canvas: HTMLElement) {
    this.store = store;
    this.canvas = canvas;
  }

  /** A pointer came down while another one `isDrawing`; true when it is for looking, and begins nothing else. */
  begin(event: PointerEvent, isDrawing: boolean): boolean {
    if (event.pointerType === 'pen') this.hasPen = true;
    if (event.pointerType !== 'touch') return false;
    if (isDrawing && this.hasPen) return true; // the palm
    this.down.set(event.pointerId, pointOf(event));
    return this.down.size > 1 || this.hasPen;
  }

  /** A pointer moved; true when that moved the picture. */
  move(event: PointerEvent): boolean {
    const from = this.down.get(event.pointerId);
    if (!from) return event.pointerType === 'touch' && this.hasPen;
    const to = pointOf(event);
    this.down.set(event.pointerId, to);
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(this.store, this.canvas, from, to, other);
    else if (this.hasPen) drag(this.store, this.canvas, from, to);
    return other !== undefined || this.hasPen;
  }

  end({ pointerId }: PointerEvent): void {
    this.down.delete(pointerId);
  }
}
