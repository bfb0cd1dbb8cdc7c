import type { Stop } from '../../core/engine.ts';
import { localFolder } from '../../core/localModel.ts';
import { cardOf } from '../../core/modelCard.ts';
import type { Found, Importer, Offering } from '../../wire/importer.ts';
import { sizeOfSource } from '../import/checkpoint.ts';
import { convert } from './convert.ts';
import { addressOf, networksOf, ownModelFiles } from './offering.ts';
import { downloadFolder, opener, plan, readManifest, storeOf, type ImporterHost } from './order.ts';
import { packModel } from './packModel.ts';
import { fileNameOf } from './remoteRequest.ts';

/** The importer of wire/importer.ts over the browser's storage. */
export function createImporter(host: ImporterHost): Importer {
  return {
    recognise: (offering, stop) => recognise(host, offering, stop),
    plan: (order, stop) => plan(host, order, stop),
    convert: (order, onProgress, stop) => convert(host, order, onProgress, stop),
    // What compares brings the whole engine: nobody else waits for it.
    compare: async (...args) => (await import('./compare.ts')).compare(host, ...args),
    pack: async (id) => packModel(id, await storeOf(host, localFolder(id)), host.contentOf),
    forget: async (url) => (await host.openStore(await downloadFolder(url)))?.keepOnly([]),
  };
}

async function recognise(host: ImporterHost, offering: Offering, stop: Stop): Promise<Found> {
  const source = await opener(host, stop)(offering);
  const common = { name: nameOf(offering), sizeBytes: sizeOfSource(source) };
  const own = await ownModelFiles(source);
  if (own === undefined) return { ...common, networks: await networksOf(source) };
  return { ...common, networks: [], model: cardOf(await readManifest(own)) };
}

function nameOf(offering: Offering): string {
  return offering.kind === 'address' ? fileNameOf(addressOf(offering.url)) : offering.name;
}
