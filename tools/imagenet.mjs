// Write src/engine/import/imagenet.txt: the names of ImageNet's 1,000 classes and what they are kinds of, from WordNet 3.0.
//
//   node tools/imagenet.mjs FOLDER          FOLDER holds data.noun of WordNet 3.0 (Debian: package wordnet-base)
//
// Which synsets the classes are, and their order, is read from the file itself: the numbers in front of its lines, which
// are the byte offsets of the synsets in data.noun and the `n…` folders of every copy of ImageNet.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../src/engine/import/imagenet.txt', import.meta.url));
/** A kind of more classes than this says nothing: "entity", "object", "organism". */
const mostClassesOfAKind = 400;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('give the folder of data.noun: node tools/imagenet.mjs FOLDER');
const synsets = readSynsets(join(folder, 'data.noun'));
const written = readFileSync(file, 'utf8');
const notice = written.split('\n').filter((line) => line.startsWith('#'));
const ids = [...written.matchAll(/^(\d{8}) /gm)].map(([, id]) => id);
if (ids.length !== 1000) throw new Error(`${file} has ${ids.length} classes, not 1000`);

const ancestors = ids.map((id) => ancestorsOf(id));
const counts = new Map();
for (const above of ancestors) for (const id of above) counts.set(id, (counts.get(id) ?? 0) + 1);
// The widest first, so that a kind stands behind what it is a kind of.
const kinds = [...counts.keys()].filter((id) => counts.get(id) <= mostClassesOfAKind);
kinds.sort((a, b) => counts.get(b) - counts.get(a) || ancestorsOf(a).size - ancestorsOf(b).size);
const placeOf = new Map(kinds.map((id, place) => [id, place]));
const parents = (id) =>
  synsets
    .get(id)
    .above.flatMap((above) => placeOf.get(above) ?? [])
    .join(',');

writeFileSync(
  file,
  [
    ...notice,
    ...kinds.map((id) => `${synsets.get(id).words.join(', ')}>${parents(id)}`),
    ...ids.map((id) => `${id} ${synsets.get(id).words.join(', ')}>${parents(id)}`),
    '',
  ].join('\n'),
);
console.log(`${file}: ${ids.length} classes, ${kinds.length} kinds`);

/** Offset → its words and the offsets of its hypernyms (format: wndb(5WN)). */
function readSynsets(path) {
  const found = new Map();
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    if (!/^\d{8} /.test(line)) continue;
    const fields = line.split(' ');
    const wordCount = Number.parseInt(fields[3], 16);
    const words = Array.from({ length: wordCount }, (_, i) => fields[4 + 2 * i].replaceAll('_', ' '));
    const first = 5 + 2 * wordCount;
    const pointers = Array.from({ length: Number(fields[first - 1]) }, (_, i) =>
      fields.slice(first + 4 * i, first + 4 * i + 4),
    );
    const above = pointers.filter(([symbol, , part]) => symbol.startsWith('@') && part === 'n').map(([, id]) => id);
    found.set(fields[0], { words, above });
  }
  return found;
}

function ancestorsOf(id, found = new Set()) {
  for (const above of synsets.get(id).above) if (!found.has(above)) ancestorsOf(above, found.add(above));
  return found;
}
