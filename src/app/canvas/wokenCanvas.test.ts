// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { shownClock, wokenCanvas } from './wokenCanvas.ts';

const observed: (() => void)[] = [];
let frames: FrameRequestCallback[] = [];
/** Everything that waits for the next frame. */
const frame = (nowMs: number): void => frames.splice(0).forEach((draw) => draw(nowMs));

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (draw: FrameRequestCallback) => frames.push(draw));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => frames.splice(id - 1, 1));
  vi.stubGlobal('devicePixelRatio', 2);
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(resized: () => void) {
        observed.push(resized);
      }
      observe = () => {};
      disconnect = () => {};
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

function canvasOf(context: unknown): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  return Object.assign(canvas, { getContext: () => context });
}

it('a canvas is drawn once a frame however often it is woken, and not without being woken', () => {
  const drawn: number[] = [];
  const { wake, end } = wokenCanvas(canvasOf({}), (_ctx, _colours, nowMs) => drawn.push(nowMs))!;
  frame(1);
  expect(drawn).toEqual([]);
  wake();
  wake();
  frame(2);
  frame(3);
  wake();
  frame(4);
  expect(drawn).toEqual([2, 4]);
  end();
});

it('a canvas takes the pixels of its new size and is drawn anew', () => {
  const canvas = canvasOf({});
  Object.defineProperties(canvas, { clientWidth: { value: 100 }, clientHeight: { value: 50 } });
  const draw = vi.fn<() => void>();
  const { end } = wokenCanvas(canvas, draw)!;
  observed.at(-1)!();
  frame(1);
  expect([canvas.width, canvas.height, draw.mock.calls.length]).toEqual([200, 100, 1]);
  end();
});

it('a canvas is drawn in the colours of the theme that holds, and no more after its end', async () => {
  const canvas = canvasOf({});
  const drawn: string[] = [];
  const setAccent = (colour: string) => document.documentElement.style.setProperty('--ring', colour);
  setAccent('rgb(1, 2, 3)');
  const { wake, end } = wokenCanvas(canvas, (_ctx, { accent }) => drawn.push(accent))!;
  wake();
  frame(1);
  setAccent('rgb(4, 5, 6)');
  document.documentElement.dataset['theme'] = 'dark';
  await vi.waitFor(() => expect(frames).toHaveLength(1));
  frame(2);
  expect(drawn).toEqual(['rgb(1, 2, 3)', 'rgb(4, 5, 6)']);
  wake();
  end();
  frame(3);
  document.documentElement.dataset['theme'] = 'light';
  await new Promise((resolve) => setTimeout(resolve, 20));
  frame(4);
  expect(drawn).toHaveLength(2);
});

it('without a context there is nothing to draw on', () => {
  expect(wokenCanvas(canvasOf(null), () => {})).toBeUndefined();
});

it('a clock tells how long the same thing has been shown', () => {
  const shownFor = shownClock();
  const ages = [shownFor('a', 10), shownFor('a', 25), shownFor('b', 30), shownFor('a', 31), shownFor('a', 40)];
  expect(ages).toEqual([0, 15, 0, 0, 9]);
});
