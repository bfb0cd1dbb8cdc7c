import { playRecording, recordingOf } from './recordings.ts';
import { setBoxClass } from './boxes.ts';
import { className, type Desk } from './desk.ts';

/**
 * Choose what to paint next, by number or by chance: in the selected box, else in the whole picture. While the model
 * is on its way, its recording plays.
 */
export function chooseClass(desk: Desk, choice: number | 'random'): void {
  const { manifest, wish, change, announce, machine, setTouring, showing, selectedBox } = desk.store.getState();
  const count = manifest?.classes.length ?? 0;
  // One of the others: a throw that changes nothing looks broken.
  const other = (wish.classId + 1 + (desk.randomSeed() % Math.max(1, count - 1))) % Math.max(1, count);
  const classId = choice === 'random' ? other : choice;
  if (selectedBox !== undefined) return setBoxClass(desk, selectedBox, classId);
  change({ classId });
  announce(`${className(desk, classId)} is chosen.`);
  setTouring(false);
  const recording = recordingOf(desk, classId);
  const isIdleStage = showing === 'nothing' || showing === 'recording';
  if (recording && machine.kind !== 'ready' && isIdleStage) playRecording(desk, recording);
}
