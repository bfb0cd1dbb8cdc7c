import type { ModelClass } from '../../core/manifest.ts';

/** How many classes a network has that we take for one of ImageNet. */
export const IMAGENET_CLASSES = 1000;

/**
 * The classes of ImageNet (ILSVRC 2012) in the order that every published network numbers them in, named by WordNet 3.0
 * and told apart where it calls two of them alike. The file is read when it is first wanted.
 */
export async function imagenetClasses(): Promise<readonly ModelClass[]> {
  const { default: text } = await import('./imagenet.txt?raw');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [kinds, classes] = [lines.slice(0, -IMAGENET_CLASSES), lines.slice(-IMAGENET_CLASSES)].map((part) =>
    part.map(parseLine),
  ) as [Line[], Line[]];
  const names = classes.map(({ words }) => words[0]!.toLowerCase());
  return classes.map((line) => {
    const [name = '', ...aliases] = line.words;
    const own = kindsOf(line, kinds);
    const isAlone = names.filter((other) => other === name.toLowerCase()).length === 1;
    return isAlone
      ? { name, aliases, kinds: own }
      : { name: `${name} (${own[0]})`, aliases: [name, ...aliases], kinds: own };
  });
}

/** `02099601 golden retriever>171`, or the same of a kind without the number. */
interface Line {
  readonly words: readonly string[];
  /** Lines of the kinds right above it. */
  readonly above: readonly number[];
}

function parseLine(line: string): Line {
  const [words = '', above = ''] = line.replace(/^\d{8} /, '').split('>');
  return { words: words.split(', '), above: above === '' ? [] : above.split(',').map(Number) };
}

/** The words of everything that it is a kind of, nearest first, each once. */
function kindsOf({ above }: Line, kinds: readonly Line[]): readonly string[] {
  const found = new Set(above);
  // A set yields what is added while it is walked: breadth first.
  for (const kind of found) for (const next of kinds[kind]!.above) found.add(next);
  return [...new Set([...found].flatMap((kind) => kinds[kind]!.words))];
}
