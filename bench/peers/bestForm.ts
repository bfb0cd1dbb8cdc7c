import type * as Ort from 'onnxruntime-web';
import type { AttentionForm } from './onnx/networks.ts';
import { compete } from './rounds.ts';
import { onnxRuntime, type OrtOptions } from './runtimes/onnxRuntime.ts';
import type { Runtime, Unit } from './runtimes/runtime.ts';
import type { SharedDevice } from './sharedDevice.ts';
import type { PeerModel } from './weights.ts';

const NAME = 'onnxruntime-web WebGPU';
type Form = Pick<OrtOptions, 'form' | 'layout' | 'graphCapture'>;

/**
 * What was fastest on SwiftShader when all forms were tried (2026-11-24): there a try takes minutes, so that forms are
 * only tried again when it is asked for. Its commands are not recorded: replaying them gave other logits there
 * (2026-11-27, NMSE 1.6 in the same time).
 */
const knownBest = { attention: 'Attention', layout: 'NHWC', graphCapture: false } as const;
const attentions: readonly AttentionForm[] = ['Attention', 'MultiHeadAttention'];

/**
 * onnxruntime-web on WebGPU in the form that is fastest here, in f32 and, where the adapter has it, in f16: attention
 * as one operator or behind three products, pictures with channels first or last. Where forms are tried, the commands of a run
 * are recorded once and replayed. What was tried is in the notes.
 */
export async function bestOrt(
  shared: SharedDevice,
  ort: typeof Ort,
  model: PeerModel,
  { triesForms, say }: { readonly triesForms: boolean; readonly say: (line: string) => void },
): Promise<Runtime[]> {
  const { attention, layout, graphCapture } = knownBest;
  const floats = shared.device.features.has('shader-f16') ? (['float32', 'float16'] as const) : (['float32'] as const);
  const runtimes: Runtime[] = [];
  for (const type of floats) {
    const known = { form: { floats: type, attention }, layout, graphCapture };
    runtimes.push(triesForms ? await bestOf(shared, ort, model, type, say) : open(shared, ort, known));
  }
  return runtimes;
}

function open(shared: SharedDevice, ort: typeof Ort, form: Form): Runtime {
  const name = form.form.floats === 'float32' ? NAME : `${NAME} f16`;
  return onnxRuntime(shared, { name, ort, provider: 'webgpu', ...form });
}

async function bestOf(
  shared: SharedDevice,
  ort: typeof Ort,
  model: PeerModel,
  floats: 'float32' | 'float16',
  say: (line: string) => void,
): Promise<Runtime> {
  const forms: Record<string, Form> = {};
  for (const attention of attentions) forms[attention] = { form: { floats, attention }, graphCapture: true };
  const step = await fastest(shared, forms, say, async (form) => {
    const unit = await open(shared, ort, form).networks!.step(model, 1);
    unit.write(new Int32Array(model.positions), [0]);
    return unit;
  });
  const layouts: Record<string, Form> = {};
  for (const layout of ['NHWC', 'NCHW'] as const) layouts[layout] = { ...step.form, layout };
  const decode = await fastest(shared, layouts, say, async (form) => {
    const unit = await open(shared, ort, form).networks!.decode(model);
    unit.write(new Int32Array(model.positions));
    return unit;
  });
  const best = open(shared, ort, decode.form);
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
      const timings = await compete(shared, [{ runtime: NAME, unit }], { rounds: 1 });
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
