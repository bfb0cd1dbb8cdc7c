import type { Desk } from './desk.ts';

/** What a person who helps wants to know: the problem, the adapter, the browser. Nothing that was painted. */
export function reportText({ store }: Pick<Desk, 'store'>): string {
  const { problem, adapter, manifest, machine, lastStepMs } = store.getState();
  const lines = [
    `Unmask, ${manifest ? `model ${manifest.id}` : 'no model'}, engine ${machine.kind}`,
    problem && `${problem.name}: ${problem.message}`,
    adapter && `adapter: ${adapter.vendor} ${adapter.architecture} ${adapter.description}`.trimEnd(),
    adapter &&
      `software adapter: ${adapter.isFallback ? 'yes' : 'no'}; features: ${adapter.features.join(', ') || 'none'}`,
    machine.kind === 'ready' && `weights ${machine.model.weightBytes} B, scratch ${machine.model.scratchBytes} B`,
    lastStepMs > 0 && `${lastStepMs.toFixed(1)} ms a step`,
    `secure page: ${globalThis.isSecureContext ? 'yes' : 'no'}; online: ${navigator.onLine ? 'yes' : 'no'}`,
    navigator.userAgent,
  ];
  return lines.filter(Boolean).join('\n');
}

export async function copyReport(desk: Desk): Promise<void> {
  const { notify } = desk.store.getState();
  try {
    await navigator.clipboard.writeText(reportText(desk));
    notify('Details copied.');
  } catch {
    // Without a clipboard they can still be read, and copied by hand, in the settings.
    desk.store.getState().openDialog('settings');
  }
}
