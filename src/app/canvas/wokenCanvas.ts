import type { StageColours } from './scene.ts';

/** A canvas that is drawn when it is woken, and rests otherwise. */
export interface WokenCanvas {
  /** Draw in the next frame. */
  wake(): void;
  end(): void;
}

/**
 * Draws a canvas at most once a frame: when somebody wakes it, when its size changes, and when light and dark do.
 * Undefined where the browser has no canvas for us.
 */
export function wokenCanvas(
  canvas: HTMLCanvasElement,
  draw: (ctx: CanvasRenderingContext2D, colours: StageColours, nowMs: number) => void,
): WokenCanvas | undefined {
  const ctx = canvas.getContext('2d');
  if (!ctx) return undefined;
  let request = 0;
  let colours = readColours(canvas);
  const wake = (): void => {
    request ||= requestAnimationFrame((nowMs) => {
      request = 0;
      draw(ctx, colours, nowMs);
    });
  };
  const resize = new ResizeObserver(() => {
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    wake();
  });
  resize.observe(canvas);
  const stopThemes = onTheme(() => {
    colours = readColours(canvas);
    wake();
  });
  return {
    wake,
    end() {
      cancelAnimationFrame(request);
      resize.disconnect();
      stopThemes();
    },
  };
}

/** How long what is shown now has been shown: what moves after a change asks for it. */
export function shownClock(): (showing: string, nowMs: number) => number {
  let shown = '';
  let sinceMs = 0;
  return (showing, nowMs) => {
    if (showing !== shown) [shown, sinceMs] = [showing, nowMs];
    return nowMs - sinceMs;
  };
}

/** Tells of every change between light and dark, by the system or by the page's switch. */
function onTheme(changed: () => void): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', changed);
  const themed = new MutationObserver(changed);
  themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    scheme.removeEventListener('change', changed);
    themed.disconnect();
  };
}

/** The stage's colours from the style sheet; probes resolve light-dark() to what holds now. */
function readColours(canvas: HTMLCanvasElement): StageColours {
  const probe = canvas.ownerDocument.createElement('i');
  canvas.parentElement?.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    masked: read('--masked'),
    maskedLine: read('--masked-line'),
    accent: read('--ring'),
    grid: read('--grid-line'),
  };
  probe.remove();
  return colours;
}
