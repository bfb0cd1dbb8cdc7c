/** How the picture lies on the stage: `zoom` 1 fits it, the centre moves by `x`, `y` in fractions of its side. */
export interface Viewport {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const fitted: Viewport = { zoom: 1, x: 0, y: 0 };
export const MAX_ZOOM = 8;

/** Share of the width of a landscape stage that its tools take on either side. */
const TOOL_ROOM = 0.085;

/** How much of a stage of `width` × `height` is left to the tools on either side; on a phone they stand below. */
export function toolRoom(width: number, height: number): number {
  return width > height * 1.05 ? width * TOOL_ROOM : 0;
}

/** Where the picture lies on a stage of `width` × `height`, in the same unit; a panorama stays between the tools. */
export function pictureBox(width: number, height: number, aspect: number, { zoom, x, y }: Viewport): Box {
  const room = aspect > 1 ? toolRoom(width, height) : 0;
  const fitWidth = Math.min(width - 2 * room, height * aspect);
  const boxWidth = fitWidth * zoom;
  const boxHeight = boxWidth / aspect;
  return {
    x: (width - boxWidth) / 2 + x * boxWidth,
    y: (height - boxHeight) / 2 + y * boxHeight,
    width: boxWidth,
    height: boxHeight,
  };
}

/** The view in which the picture lies in `box` of such a stage: what `pictureBox` turns back into it. */
export function viewportOf(width: number, height: number, box: Box): Viewport {
  return {
    zoom: box.width / pictureBox(width, height, box.width / box.height, fitted).width,
    x: (box.x + box.width / 2 - width / 2) / box.width,
    y: (box.y + box.height / 2 - height / 2) / box.height,
  };
}

/** Zoom by a factor about a point given in fractions of the picture from its centre (−0.5 … 0.5). */
export function zoomed(viewport: Viewport, factor: number, aboutX = 0, aboutY = 0): Viewport {
  const zoom = Math.min(MAX_ZOOM, Math.max(1, viewport.zoom * factor));
  // The point under the pointer stays: centre + about · size is the same before and after, in units of the fit.
  const keep = viewport.zoom / zoom;
  return clamped({ zoom, x: (viewport.x + aboutX) * keep - aboutX, y: (viewport.y + aboutY) * keep - aboutY });
}

/** Move by fractions of the picture's shown size. */
export function panned(viewport: Viewport, x: number, y: number): Viewport {
  return clamped({ ...viewport, x: viewport.x + x, y: viewport.y + y });
}

/** Keep the picture over the middle of the stage: it cannot be lost out of sight. */
function clamped({ zoom, x, y }: Viewport): Viewport {
  const reach = (zoom - 1) / (2 * zoom);
  const within = (v: number): number => Math.min(reach, Math.max(-reach, v)) || 0;
  return { zoom, x: within(x), y: within(y) };
}
