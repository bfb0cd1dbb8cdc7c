import type { Reference } from '../program/interpret.ts';

/** h[s, place] = words[row of the class or token there] + places[place]; a register has a place only. */
export const embed: Reference = ({ tokens, classes, words, places, h }, params) => {
  const { sequences, tokenRows, positions, length, classPlace, width } = params as Record<string, number> &
    typeof params;
  const { codes, firstClass, classCount, nullRow, maskRow } = params as Record<string, number> & typeof params;
  const classRow = (id: number): number => (id >= 0 && id < classCount! ? firstClass! + id : nullRow!);
  const tokenRow = (id: number): number => (id >= 0 && id < codes! ? id : maskRow!);
  for (let s = 0; s < sequences!; s++) {
    const sequenceTokens = [...tokens!.subarray((s % tokenRows!) * positions!, ((s % tokenRows!) + 1) * positions!)];
    for (let place = 0; place < length!; place++) {
      const isClass = place === classPlace!;
      const token = isClass ? undefined : sequenceTokens.shift();
      const row = isClass ? classRow(classes![s]!) : token === undefined ? undefined : tokenRow(token);
      for (let c = 0; c < width!; c++) {
        const word = row === undefined ? 0 : words![row * width! + c]!;
        h![(s * length! + place) * width! + c] = word + places![place * width! + c]!;
      }
    }
  }
};
