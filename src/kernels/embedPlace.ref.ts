import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** h[s, c] = words[row of the class, or of the token before the place, c] + places[place, c] */
export const embedPlace: Reference = ({ stepParams, tokens, classes, words, places, h }, params) => {
  const { sequences, positions, width, codes, firstClass, classCount, nullRow, maskRow } = params as Record<
    'sequences' | 'positions' | 'width' | 'codes' | 'firstClass' | 'classCount' | 'nullRow' | 'maskRow',
    number
  >;
  const place = Math.min(unpackStepParams(stepParams as Uint32Array).step, positions - 1);
  for (let s = 0; s < sequences; s++) {
    const [classId, token] = [classes![s]!, tokens![place - 1]!];
    const classRow = classId >= 0 && classId < classCount ? firstClass + classId : nullRow;
    const row = place === 0 ? classRow : token >= 0 && token < codes ? token : maskRow;
    for (let c = 0; c < width; c++) h![s * width + c] = words![row * width + c]! + places![place * width + c]!;
  }
};
