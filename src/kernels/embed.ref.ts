import type { Reference } from '../program/interpret.ts';

/** h[s, place] = words[row of the class or token there] + places[place]; place 0 is the class. */
export const embed: Reference = ({ tokens, classes, words, places, h }, params) => {
  const { sequences, tokenRows, positions, width } = params as Record<string, number> & typeof params;
  const { codes, classCount, nullRow, maskRow } = params as Record<string, number> & typeof params;
  for (let s = 0; s < sequences!; s++) {
    for (let place = 0; place <= positions!; place++) {
      const id = place === 0 ? classes![s]! : tokens![(s % tokenRows!) * positions! + place - 1]!;
      const known = id >= 0 && id < (place === 0 ? classCount! : codes!);
      const row = place === 0 ? (known ? codes! + id : nullRow!) : known ? id : maskRow!;
      for (let c = 0; c < width!; c++) {
        h![(s * (positions! + 1) + place) * width! + c] = words![row * width! + c]! + places![place * width! + c]!;
      }
    }
  }
};
