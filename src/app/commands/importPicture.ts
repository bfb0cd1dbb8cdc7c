import type { Picture } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { pictureSize } from '../../core/pictureSize.ts';
import type { Reel } from '../canvas/reel.ts';
import { modelGrid } from '../store/grids.ts';
import type { Frame } from '../store/origin.ts';
import type { Result } from '../store/results.ts';
import type { Desk } from './desk.ts';
import { droppedOfferings, isPictureFile } from './offerings.ts';
import { keepResult, openResult } from './results.ts';

/** The largest picture that is decoded: enough for any camera, and about 256 MB once decoded. */
const MAX_PIXELS = 64_000_000;
/** Bytes at the beginning of a file in which its size is looked for. */
const HEADER_BYTES = 65_536;

/**
 * A picture file as the browser decodes it, turned as its camera says, the first frame if it moves.
 *
 * @throws Failure BadFile, one sentence for the visitor: too large, or not a picture
 */
export async function readPicture(file: Blob): Promise<ImageBitmap> {
  const size = pictureSize(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  if (size && size.width * size.height > MAX_PIXELS) {
    const millions = Math.round((size.width * size.height) / 1e6);
    throw new Failure(
      'BadFile',
      `This picture has ${millions} million pixels; up to ${MAX_PIXELS / 1e6} million can be read here, so make it smaller first.`,
    );
  }
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((cause: unknown) => {
    throw new Failure('BadFile', 'This file is not a picture that the browser can read; try a PNG, JPEG or WebP.', {
      cause,
    });
  });
  if (bitmap.width * bitmap.height > 0) return bitmap;
  throw new Failure('BadFile', 'This picture has no pixels; try another one.');
}

/** A picture as the model reads it: its tokens, and the picture that they decode to. */
export interface Reading {
  readonly picture: Picture;
  readonly tokens: Int32Array;
  readonly seen: Picture;
}

/** Let the model read a picture of its size. Rejects with the engine's failures. */
export async function readByModel({ seat }: Pick<Desk, 'seat'>, picture: Picture): Promise<Reading> {
  const tokens = await seat.engine.encode(picture);
  return { picture, tokens, seen: await seat.engine.decode(tokens) };
}

/** A window of a larger picture: at its own size, where it lies, and the file it came in. */
export interface WindowOfFile {
  readonly picture: Picture;
  readonly frame: Frame;
  readonly file: Blob;
}

/**
 * Put a picture that was read among the others and on the stage, to be edited there. A window of a larger picture is
 * edited at its own size.
 */
export async function adoptPicture(desk: Desk, { picture, tokens }: Reading, window?: WindowOfFile): Promise<string> {
  const { wish, manifest, setTouring, announce } = desk.store.getState();
  setTouring(false);
  const id = crypto.randomUUID();
  const source = await desk.toSource(window?.picture ?? picture);
  const around = window && { image: await desk.readSurroundings(window.file), frame: window.frame };
  const step = { tokens, guess: tokens, logProb: new Float32Array(tokens.length) };
  const reel: Reel = {
    id,
    classId: wish.classId,
    seed: 0,
    grid: modelGrid(desk.store.getState()),
    steps: 1,
    done: [step],
    picture: source,
    around,
  };
  desk.reels.set(id, reel);
  const result: Result = {
    id,
    modelId: manifest?.id ?? '',
    classId: wish.classId,
    className: 'your picture',
    seed: 0,
    settings: wish.settings,
    createdAtMs: Date.now(),
    starred: false,
    steps: 1,
    stopped: false,
    stepMs: 0,
    origin: { kind: 'import' },
    url: source.url,
  };
  await keepResult(desk, result, reel, tokens, window?.file);
  await openResult(desk, id);
  announce('Your picture is on the stage. Draw a box to repaint a part of it.');
  return id;
}

/** A picture that arrives from outside: the dialog takes it from here. */
export function bringIn(desk: Desk, file: Blob): void {
  desk.incoming = file;
  desk.store.getState().arrive();
  desk.store.getState().openDialog('import');
}

/** Whether the next picture should be a window of the whole, like this one. */
export function preferWindow(desk: Desk, isWindow: boolean): void {
  desk.incomingAs = isWindow ? 'window' : 'part';
}

/** Another picture may come. */
export function forgetIncoming(desk: Desk): void {
  delete desk.incoming;
  desk.store.getState().arrive();
}

/** Files that are no picture are taken for those of a model; that code comes when it is wanted. */
async function bringModel(desk: Desk, data: DataTransfer): Promise<void> {
  const offerings = droppedOfferings(data); // now: the browser forgets what was dropped
  desk.store.getState().openDialog('bring');
  const { offer } = await import('./bring.ts');
  for (const offering of await offerings) void offer(desk, offering);
}

/** Pictures and models may be dropped on the page, pictures pasted into it. Returns how to end it. */
export function listenToPictures(desk: Desk): () => void {
  const end = new AbortController();
  const { signal } = end;
  const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false;
  const over = (event: DragEvent): void => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    document.documentElement.dataset['dropping'] = '';
  };
  const leave = (event: DragEvent): void => {
    if (event.relatedTarget === null) delete document.documentElement.dataset['dropping'];
  };
  const drop = (event: DragEvent): void => {
    delete document.documentElement.dataset['dropping'];
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    if (isPictureFile(file)) bringIn(desk, file);
    else void bringModel(desk, event.dataTransfer!);
  };
  const paste = (event: ClipboardEvent): void => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    bringIn(desk, file);
  };
  document.addEventListener('dragover', over, { signal });
  document.addEventListener('dragleave', leave, { signal });
  document.addEventListener('drop', drop, { signal });
  document.addEventListener('paste', paste, { signal });
  return () => end.abort();
}
