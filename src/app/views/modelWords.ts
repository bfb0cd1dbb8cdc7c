import type { ChoiceReason, ModelCard } from '../../core/modelCard.ts';
import { lossWords } from './importWords.ts';
import { megabytes } from './loadWords.ts';

/** What a model is good and bad at, in words for everyone, from what was measured. */
export interface ModelWords {
  readonly facts: readonly string[];
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** Below this a rebuilt picture visibly differs from the one that was read, in dB. */
const FAITHFUL_PSNR = 30;

export function modelWords(card: ModelCard): ModelWords {
  const words = [
    earlyWords(card),
    classWords(card),
    wholeWords(card),
    editWords(card),
    meltWords(card),
    rebuiltWords(card),
    ...ownWords(card),
  ];
  return {
    facts: factsOf(card),
    good: words.flatMap(({ good }) => good ?? []),
    bad: words.flatMap(({ bad }) => bad ?? []),
  };
}

/** Why the page took this model, in words; undefined when the visitor chose or there is no other. */
export function reasonWords(reason: ChoiceReason | undefined): string | undefined {
  if (reason === 'graphics card')
    return 'Chosen for you: this device has a graphics card, so it gets the largest pictures.';
  if (reason === 'no graphics card')
    return 'Chosen for you: no graphics card is in use here, and this one is the quickest.';
  return undefined;
}

type Verdict = { readonly good?: string; readonly bad?: string };

function factsOf({ sizeBytes, pictureSize, grid, classes, canPaint, canRead }: ModelCard): readonly string[] {
  return [
    `${megabytes(sizeBytes)} MB`,
    `${pictureSize} × ${pictureSize} pixels`,
    `${grid.rows} × ${grid.cols} tokens`,
    canPaint
      ? `${classes.toLocaleString('en')} things`
      : canRead
        ? 'reads and rebuilds pictures'
        : 'paints no pictures',
  ];
}

/** What is not right yet comes first. */
function earlyWords({ early }: ModelCard): Verdict {
  return early ? { bad: `Early: ${early}` } : {};
}

/** How often a picture is recognised as what was asked for. */
function classWords({ quality }: ModelCard): Verdict {
  const accuracy = quality['class accuracy'];
  if (typeof accuracy !== 'number') return {};
  const words = `${percent(accuracy)} of 100 pictures are recognised as the thing that was asked for`;
  const weakest = /^(.+?) (\d+)%/.exec(String(quality['weakest classes'] ?? ''));
  const least = weakest && Number(weakest[2]) < 95 ? `; least often: ${weakest[1]}, ${weakest[2]} of 100` : '';
  return accuracy >= 0.9
    ? { good: `Hitting its thing: ${words}${least}.` }
    : { bad: `Hitting its thing: ${words}${least}.` };
}

/** How often a thing has all its parts, and nothing beside it: a picture may be recognised and still have an eye too few. */
function wholeWords({ quality }: ModelCard): Verdict {
  const share = quality['whole things'];
  if (typeof share !== 'number') return {};
  const neat = quality['whole things, rims clean'];
  const more = typeof neat === 'number' ? Number(percent(share)) - Number(percent(neat)) : 0;
  const beside = (which: string) => (more > 0 ? `; beside ${more} ${which} hangs a bit of their rim` : '');
  return share >= 0.9
    ? { good: `Whole things: ${percent(share)} of 100 have every part in its place${beside('of them')}.` }
    : {
        bad: `Dents: ${percent(1 - share)} of 100 things have a part out of place or missing, if only a small one${beside('more')}.`,
      };
}

/** How often a small box becomes what was asked for. */
function editWords({ quality }: ModelCard): Verdict {
  const accuracy = quality['edit accuracy, boxes under 3/4 of the picture'];
  if (typeof accuracy !== 'number') return {};
  const words = `Small repairs: ${percent(accuracy)} of 100 small boxes become the thing that was asked for.`;
  return accuracy >= 0.8 ? { good: words } : { bad: words };
}

/** How often what is painted into a box has all its parts. */
function meltWords({ quality }: ModelCard): Verdict {
  const share = quality['whole things in boxes'];
  if (typeof share !== 'number') return {};
  return share >= 0.8
    ? { good: `Repainting: ${percent(share)} of 100 boxes show their thing with every part in its place.` }
    : { bad: `Repainting: in ${percent(1 - share)} of 100 boxes a part of the thing is out of place or missing.` };
}

/** How near a picture that was read and rebuilt is to itself. */
function rebuiltWords({ quality }: ModelCard): Verdict {
  const psnr = quality['PSNR'];
  if (typeof psnr !== 'number') return {};
  const number = `PSNR ${psnr.toFixed(1)} dB`;
  return psnr >= FAITHFUL_PSNR
    ? { good: `Rebuilding your pictures faithfully (${number}).` }
    : { bad: `Fine detail: a picture of yours that it reads and rebuilds looks coarser (${number}).` };
}

/** What a card says itself, and numbers that others published. */
function ownWords({ quality, canPaint }: ModelCard): readonly Verdict[] {
  const text = (name: string): string | undefined => (quality[name] === undefined ? undefined : String(quality[name]));
  const good = text('good at');
  const bad = text('bad at');
  const published = text('as published');
  const loss = lossWords(quality);
  return [
    ...(good ? [{ good }] : []),
    ...(published ? [{ good: `As published: ${published}.` }] : []),
    ...(loss ? [{ good: `Small weights. ${loss}` }] : []),
    ...(bad ? [{ bad }] : []),
    ...(canPaint ? [] : [{ bad: 'It cannot paint new pictures: its other half, the transformer, is not here.' }]),
  ];
}

const percent = (share: number): string => String(Math.round(share * 100));
