import type * as Ort from 'onnxruntime-web';
import type { AttentionForm } from './onnx/networks.ts';
import { compete } from './rounds.ts';
import { onnxRuntime, type OrtOptions } from './runtimes/onnxRuntime.ts';
import type { Runtime, Unit } from './runtimes/runtime.ts';
import type { SharedDevice } from './sharedDevice.ts';
import type { PeerModel } from './weights.ts';

const NAME = 'onnxruntime-web WebGPU';
type Form = Pick<OrtOptions, 'form' | 'layout' | 'graphCapture'>;

const attentions: readonly AttentionForm[] = ['Attention', 'MultiHeadAttention'];

/**
 * onnxruntime-web on WebGPU in the form that is fastest here, in f32 and, where the adapter has it, in f16: attention
 * as one operator or behind three products, pictures with channels first or last. The commands of a run are recorded once
 * and replayed. What was tried is in the notes.
 */
export async function bestOrt(
  shared: SharedDevice,
  ort: typeof Ort,
  model: PeerModel,
  say: (line: string) => void,
): Promise<Runtime[]> {
  const best = await bestOf(shared, ort, model, 'float32', say);
  if (!shared.device.features.has('shader-f16')) return [best];
  return [best, await bestOf(shared, ort, model, 'float16', say)];
}

async function bestOf(
  shared: SharedDevice,
  ort: typeof Ort,
  model: PeerModel,
  floats: 'float32' | 'float16',
  say: (line: string) => void,
): Promise<Runtime> {
  const name = floats === 'float32' ? NAME : `${NAME} f16`;
  const open = (form: Form): Runtime => onnxRuntime(shared, { name, ort, provider: 'webgpu', ...form });
  const forms: Record<string, Form> = {};
  for (const attention of attentions) forms[attention] = { form: { floats, attention }, graphCapture: true };
  const step = await fastest(shared, forms, say, async (form) => {
    const unit = await open(form).networks!.step(model, 1);
    unit.write(new Int32Array(model.positions), [0]);
    return unit;
  });
  const layouts: Record<string, Form> = {};
  for (const layout of ['NHWC', 'NCHW'] as const) layouts[layout] = { ...step.form, layout };
  const decode = await fastest(shared, layouts, say, async (form) => {
    const unit = await open(form).networks!.decode(model);
    unit.write(new Int32Array(model.positions));
    return unit;
  });
  const best = open(decode.form);
  return { ...best, notes: () => ({ ...best.notes(), triedMs: { ...step.triedMs, ...decode.triedMs } }) };
}

/** How long a run of each form takes when it is warm; the form of the shortest. */
async function fastest(
  shared: SharedDevice,
  forms: Readonly<Record<string, Form>>,
  say: (line: string) => void,
  open: (form: Form) => Promise<Unit>,
): Promise<{ form: Form; triedMs: Record<string, number | string> }> {
  const triedMs: Record<string, number | string> = {};
  for (const [name, form] of Object.entries(forms)) {
    try {
      const unit = await shared.as(NAME, () => open(form));
      const timings = await compete(shared, [{ runtime: NAME, unit }], 1);
      triedMs[name] = timings.get(NAME)!.medianMs;
    } catch (error) {
      triedMs[name] = String(error);
    }
  }
  say(`forms of onnxruntime-web: ${JSON.stringify(triedMs)}`);
  const name = Object.keys(forms)
    .filter((tried) => typeof triedMs[tried] === 'number')
    .toSorted((a, b) => Number(triedMs[a]) - Number(triedMs[b]))[0];
  if (name === undefined) throw new Error(`no form of onnxruntime-web runs: ${JSON.stringify(triedMs)}`);
  return { form: forms[name]!, triedMs };
}
