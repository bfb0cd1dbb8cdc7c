import type { SamplerSettings } from '../../core/request.ts';
import { counted } from '../commands/words.ts';
import { presetOf, presetsFor } from '../store/request.ts';
import { useDesk, useStudio } from './desk.ts';
import { Segments } from './Segments.tsx';

/** Fast, balanced or best; who changes more than the steps has settings of their own. */
export function QualityField() {
  const { store } = useDesk();
  const settings = useStudio((studio) => studio.wish.settings);
  const defaults = useStudio((studio) => studio.defaults);
  const preset = presetOf(settings, defaults);
  const options = presetsFor(defaults).map(({ id, name, steps }) => ({
    value: id,
    text: name,
    hint: stepsWords({ ...defaults, steps }),
  }));
  return (
    <Segments
      label="Quality"
      value={preset}
      options={options}
      onChange={(id) => store.getState().choosePreset(id)}
      {...(preset ? {} : { note: `Your own settings: ${stepsWords(settings)}` })}
    />
  );
}

/** "8 + 4 steps": those of the schedule, and those that go over the picture again. */
function stepsWords({ steps, corrections }: SamplerSettings): string {
  return corrections > 0 ? `${steps} + ${corrections} steps` : counted(steps, 'step');
}
