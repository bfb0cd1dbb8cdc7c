import { failureName, isAbort } from '../../core/failure.ts';
import type { Found, ImportOrder, Offering } from '../../wire/importer.ts';
import type { ImportOptionName, Offered } from '../store/bringing.ts';
import type { Desk, HiredImporter } from './desk.ts';
import { labelFor } from './importLabel.ts';

let lastId = 0;

/** Something was dropped, chosen or typed: look into it, and say what it is and what is missing. */
export async function offer(desk: Desk, offering: Offering): Promise<void> {
  const { putOnTray, bring, conversion, openDialog } = desk.store.getState();
  const id = ++lastId;
  const name = offering.kind === 'address' ? offering.url : offering.name;
  openDialog('bring');
  if (conversion.kind === 'done' || conversion.kind === 'failed') bring({ conversion: { kind: 'none' } });
  offerings(desk).set(id, offering);
  putOnTray({ id, name, networks: [], isLooking: true });
  try {
    const { importer } = await hired(desk);
    const found = await importer.recognise(offering, new AbortController().signal);
    if (!isOnTray(desk, id)) return;
    makeWay(desk, id, found);
    putOnTray({ id, ...found, isLooking: false });
  } catch (error) {
    if (isOnTray(desk, id)) {
      const isCut = failureName(error) === 'Download';
      putOnTray({ id, name, networks: [], refusal: sentenceOf(error), isCut, isLooking: false });
    }
  }
  await replan(desk);
}

/** The files that lie on the tray, by id. */
function offerings(desk: Desk): Map<number, Offering> {
  return (desk.offerings ??= new Map());
}

/** The importer, in a worker that lives while the tray is in use. */
export async function hired(desk: Desk): Promise<HiredImporter> {
  desk.importing ??= desk.hireImporter!().catch((error: unknown) => {
    delete desk.importing; // its code did not come: the next try may have a network again
    throw error;
  });
  return desk.importing;
}

/** Let the importer go: its memory is given back as a whole. */
export async function dismiss(desk: Desk): Promise<void> {
  const importing = desk.importing;
  delete desk.importing;
  (await importing)?.dismiss();
}

function isOnTray({ store }: Desk, id: number): boolean {
  return store.getState().tray.some((offered) => offered.id === id);
}

/** One tokenizer and one transformer, or one model: the newest takes the place of the one before. */
function makeWay({ store }: Desk, id: number, found: Found): void {
  const roles = found.networks.map(({ role }) => role);
  const isRival = (other: Offered): boolean =>
    other.model !== undefined || found.model !== undefined || other.networks.some(({ role }) => roles.includes(role));
  const known = store.getState().tray.filter((other) => !other.isLooking && other.refusal === undefined);
  const rivals = known.filter((other) => other.id !== id && isRival(other));
  store.getState().takeOffTray(rivals.map((other) => other.id));
}

export function takeBack(desk: Desk, id: number): void {
  desk.store.getState().takeOffTray([id]);
  offerings(desk).delete(id);
  void replan(desk);
}

/** The connection failed: offer the same again. */
export async function offerAgain(desk: Desk, id: number): Promise<void> {
  const offering = offerings(desk).get(id);
  takeBack(desk, id);
  if (offering) await offer(desk, offering);
}

/** An answer to what was asked. */
export function answer(desk: Desk, option: ImportOptionName, value: number): void {
  const { bring, importOptions } = desk.store.getState();
  bring({ importOptions: { ...importOptions, [option]: value } });
  void replan(desk);
}

let lastPlan = 0;

/** What would come of the tray as it lies. */
async function replan(desk: Desk): Promise<void> {
  const { bring } = desk.store.getState();
  const at = ++lastPlan;
  const order = orderOf(desk);
  // A transformer alone makes no picture: its tokenizer is asked for before anything else.
  if (order === undefined || !(order.model ?? order.tokenizer)) return bring({ outlook: { kind: 'none' } });
  bring({ outlook: { kind: 'looking' } });
  try {
    const { importer } = await hired(desk);
    const plan = await importer.plan(order, new AbortController().signal);
    if (at === lastPlan) bring({ outlook: { kind: 'ready', plan } });
  } catch (error) {
    if (at === lastPlan) refusePlan(desk, error);
  }
}

/** The importer speaks of options as the command line calls them: the page asks for the value instead. */
function refusePlan({ store }: Desk, error: unknown): void {
  const message = sentenceOf(error);
  const option = failureName(error) === 'BadRequest' ? /--(heads|groups|codebook)\b/.exec(message)?.[1] : undefined;
  const { bring, asked } = store.getState();
  if (option === undefined) return bring({ outlook: { kind: 'refused', message } });
  const name = option as ImportOptionName;
  const words = message.replace(/ with --\w+\.$/, ' here:').replace(/--(\w+) \d+/, 'the number of $1 below');
  bring({
    asked: asked.includes(name) ? asked : [...asked, name],
    outlook: { kind: 'asks', option: name, message: words },
  });
}

/** What the tray makes; undefined while nothing on it can be used. */
export function orderOf(desk: Desk): ImportOrder | undefined {
  const { tray, dtype, importOptions: options } = desk.store.getState();
  const of = (test: (offered: Offered) => boolean): Offering | undefined => {
    const found = tray.find((offered) => !offered.isLooking && test(offered));
    return found && offerings(desk).get(found.id);
  };
  const model = of((offered) => offered.model !== undefined);
  const tokenizer = of(({ networks }) => networks.some(({ role }) => role === 'tokenizer'));
  const transformer = of(({ networks }) => networks.some(({ role }) => role === 'transformer'));
  if (!model && !tokenizer && !transformer) return undefined;
  return {
    dtype,
    options,
    ...(model ? { model } : { ...(tokenizer && { tokenizer }), ...(transformer && { transformer }) }),
  };
}

/** Convert what lies on the tray, or go on where a pause was; the model is used as soon as it is there. */
export async function convert(desk: Desk): Promise<void> {
  const { bring, outlook, tray } = desk.store.getState();
  const order = orderOf(desk);
  if (order === undefined || outlook.kind !== 'ready') return;
  const stop = (desk.stopImport = new AbortController());
  const sinceMs = Date.now();
  bring({ conversion: { kind: 'running', progress: undefined, ms: 0 } });
  try {
    const { importer } = await hired(desk);
    // A model in our own format says itself what it is.
    const label = order.model ? {} : { label: labelFor(tray, outlook.plan.config) };
    const imported = await importer.convert(
      { ...order, ...label },
      (progress) => {
        if (desk.stopImport !== stop) return;
        bring({ conversion: { kind: 'running', progress, ms: Date.now() - sinceMs } });
      },
      stop.signal,
    );
    const { finish, measureLoss } = await import('./finishImport.ts');
    const made = await measureLoss(desk, order, { ...imported, ms: Date.now() - sinceMs });
    await forgetAddresses(desk);
    clearTray(desk);
    await dismiss(desk);
    await finish(desk, made);
  } catch (error) {
    if (desk.stopImport !== stop || isAbort(error)) return;
    bring({ conversion: { kind: 'failed', message: sentenceOf(error) } });
  } finally {
    if (desk.stopImport === stop) delete desk.stopImport;
  }
}

/** Stop for now. What has come over the network stays. */
export function pauseImport({ store, stopImport }: Desk): void {
  const { conversion, bring } = store.getState();
  if (conversion.kind !== 'running') return;
  stopImport?.abort();
  bring({ conversion: { kind: 'paused', progress: conversion.progress } });
}

/** Stop and leave nothing behind, neither a half model nor what has come over the network. */
export async function cancelImport(desk: Desk): Promise<void> {
  desk.stopImport?.abort();
  delete desk.stopImport;
  desk.store.getState().bring({ conversion: { kind: 'none' } });
  await forgetAddresses(desk);
  clearTray(desk);
  desk.store.getState().announce('The import was cancelled.');
}

/** Remove what came from the addresses on the tray. */
async function forgetAddresses(desk: Desk): Promise<void> {
  const urls = [...offerings(desk).values()].flatMap((offering) => (offering.kind === 'address' ? [offering.url] : []));
  if (urls.length === 0) return;
  const { importer } = await hired(desk);
  for (const url of urls) await importer.forget(url).catch(() => undefined);
}

function clearTray(desk: Desk): void {
  const { takeOffTray, bring, tray } = desk.store.getState();
  takeOffTray(tray.map(({ id }) => id));
  offerings(desk).clear();
  bring({ outlook: { kind: 'none' }, asked: [], importOptions: {} });
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.message : String(error);
}
