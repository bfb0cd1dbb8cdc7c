import { ImagePlus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { cutOut, type Square } from '../canvas/crop.ts';
import {
  adoptPicture,
  bringIn,
  forgetIncoming,
  readByModel,
  readPicture,
  type Reading,
  type WindowOfFile,
} from '../commands/importPicture.ts';
import { whenReady } from '../commands/machine.ts';
import { useDesk, useStudio } from './desk.ts';
import { Button } from './Button.tsx';
import { PictureCanvas } from './PictureCanvas.tsx';
import { PlaceField } from './PlaceField.tsx';
import { useCanPaint } from './useCanPaint.ts';
import { usePlacing } from './usePlacing.ts';
import styles from './ImportView.module.css';

/** Bring in a picture: choose it, move the crop, see how the model reads it, take it. */
export function ImportView() {
  const desk = useDesk();
  const arrivals = useStudio((studio) => studio.arrivals);
  return desk.incoming ? <Arrived key={arrivals} file={desk.incoming} /> : <ChooseFile />;
}

function ChooseFile({
  words = 'Drop a picture anywhere on this page, paste it, or choose a file.',
}: {
  words?: string;
}) {
  const desk = useDesk();
  const field = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.choose}>
      <ImagePlus size={34} aria-hidden="true" />
      <p aria-live="polite">{words}</p>
      <Button kind="primary" onClick={() => field.current?.click()}>
        Choose a picture
      </Button>
      <input
        ref={field}
        type="file"
        accept="image/*"
        className="unseen"
        tabIndex={-1}
        aria-label="Picture file"
        onChange={({ target }) => target.files?.[0] && bringIn(desk, target.files[0])}
      />
      <p className={styles.note}>It stays on this device: nothing is uploaded.</p>
    </div>
  );
}

/** A file is there: decode it, then crop. */
function Arrived({ file }: { file: Blob }) {
  const [bitmap, setBitmap] = useState<ImageBitmap>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    readPicture(file).then(
      (read) => isWanted && setBitmap(read),
      (error: unknown) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => void (isWanted = false);
  }, [file]);
  if (problem) return <ChooseFile words={problem} />;
  return bitmap ? <CropAndRead bitmap={bitmap} file={file} /> : <p className={styles.note}>Reading the picture…</p>;
}

const REPAINT_WORDS =
  'Only what you repaint is drawn by the model; the rest stays yours, pixel for pixel. What the right picture shows poorly, the model knows poorly: repaint large parts, and expect its own style.';
const READ_WORDS = 'As the model sees it: that is all that its tokens keep of your picture.';

function CropAndRead({ bitmap, file }: { bitmap: ImageBitmap; file: Blob }) {
  const desk = useDesk();
  const size = useStudio((studio) => studio.manifest?.config.image.size ?? 32);
  const isPixelArt = useStudio((studio) => studio.manifest?.config.image.pixelArt ?? true);
  const placing = usePlacing(bitmap, size);
  const { square, isWindow } = placing;
  const canPaint = useCanPaint();
  const { reading, problem } = useReading(bitmap, square, size);
  const take = async () => {
    if (!reading) return;
    await adoptPicture(desk, reading, isWindow ? windowOf(bitmap, square, file) : undefined);
    forgetIncoming(desk);
    desk.store.getState().openDialog(undefined);
  };
  return (
    <div className={styles.crop}>
      <PlaceField bitmap={bitmap} placing={placing} />
      <div className={styles.pair}>
        <figure>
          <PictureCanvas picture={reading?.picture} isPixelArt={isPixelArt} label="Your picture at the model's size" />
          <figcaption>
            Yours, {size} × {size}
            {isWindow && `, from ${square.side} × ${square.side}`}
          </figcaption>
        </figure>
        <figure>
          <PictureCanvas picture={reading?.seen} isPixelArt={isPixelArt} label="Your picture as the model sees it" />
          <figcaption>As the model sees it</figcaption>
        </figure>
      </div>
      <p className={styles.note} aria-live="polite">
        {problem ?? (isWindow ? windowWords(bitmap) : canPaint ? REPAINT_WORDS : READ_WORDS)}
      </p>
      <div className={styles.buttons}>
        <Button onClick={() => forgetIncoming(desk)}>Another picture</Button>
        {canPaint && (
          <Button kind="primary" disabled={!reading} onClick={() => void take()}>
            Use this picture
          </Button>
        )}
      </div>
    </div>
  );
}

/** The window at its own size, and where it belongs. */
function windowOf(bitmap: ImageBitmap, square: Square, file: Blob): WindowOfFile {
  const { width, height } = bitmap;
  return { picture: cutOut(bitmap, square, square.side), frame: { ...square, width, height }, file };
}

function windowWords({ width, height }: ImageBitmap): string {
  return `The window is worked on where it lies. Saving gives all ${width} × ${height} pixels of your picture, and only what you repaint is another.`;
}

/** The crop must rest this long before the model reads it. */
const REST_MS = 250;

/** What the model reads in the crop, once it rests and the model is there. */
function useReading(bitmap: ImageBitmap, square: Square, size: number) {
  const desk = useDesk();
  const [reading, setReading] = useState<Reading>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    const read = async () => {
      if (!(await whenReady(desk, stop.signal))) return;
      const next = await readByModel(desk, cutOut(bitmap, square, size));
      if (!stop.signal.aborted) setReading(next);
    };
    const timer = setTimeout(() => {
      read().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    }, REST_MS);
    return () => (clearTimeout(timer), stop.abort());
  }, [desk, bitmap, square, size]);
  return { reading, problem };
}
