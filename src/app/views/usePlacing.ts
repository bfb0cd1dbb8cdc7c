import { useMemo, useState } from 'react';
import { centred, cropSquare, fittedCrop, mostTimes, windowSquare, type Crop, type Square } from '../canvas/crop.ts';
import { preferWindow } from '../commands/importPicture.ts';
import { useDesk } from './desk.ts';

/** Which part of a picture is used, and whether the rest of it stays around. */
export interface Placing {
  readonly crop: Crop;
  readonly square: Square;
  /** Side of a window in sides of the model's picture, and the largest there is; 0 for pictures that have no room for one. */
  readonly times: number;
  readonly mostTimes: number;
  readonly isWindow: boolean;
  move(x: number, y: number): void;
  zoom(zoom: number): void;
  setTimes(times: number): void;
  setWindow(isWindow: boolean): void;
}

/** The place of a square on a picture, as a part that is cut out of it or as a window that is pasted back. */
export function usePlacing(bitmap: ImageBitmap, modelSize: number): Placing {
  const desk = useDesk();
  const most = mostTimes(bitmap, modelSize);
  const [crop, setCrop] = useState<Crop>(() => fittedCrop(centred, bitmap));
  const [times, setTimes] = useState(most);
  const [wantsWindow, setWantsWindow] = useState(desk.incomingAs === 'window');
  const isWindow = wantsWindow && most > 0;
  const square = useMemo(
    () => (isWindow ? windowSquare(crop, times, modelSize, bitmap) : cropSquare(crop, bitmap)),
    [isWindow, crop, times, modelSize, bitmap],
  );
  return {
    crop,
    square,
    times,
    mostTimes: most,
    isWindow,
    move: (x, y) =>
      setCrop(isWindow ? centredIn({ ...crop, x, y }, square.side, bitmap) : fittedCrop({ ...crop, x, y }, bitmap)),
    zoom: (zoom) => setCrop(fittedCrop({ ...crop, zoom }, bitmap)),
    setTimes,
    setWindow: (next) => {
      preferWindow(desk, next);
      setWantsWindow(next);
      if (!next) setCrop(fittedCrop(crop, bitmap));
    },
  };
}

/** The crop with its middle where a square of `side` pixels lies inside the picture. */
function centredIn({ x, y, zoom }: Crop, side: number, { width, height }: ImageBitmap): Crop {
  const within = (at: number, length: number): number =>
    Math.min(1 - side / length / 2, Math.max(side / length / 2, at));
  return { x: within(x, width), y: within(y, height), zoom };
}
