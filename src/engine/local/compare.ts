import type { Stop } from '../../core/engine.ts';
import { localFolder } from '../../core/localModel.ts';
import { cardOf, type ModelCard } from '../../core/modelCard.ts';
import { failureOf } from '../../gpu/lost.ts';
import type { CompareProgress, ImportOrder } from '../../wire/importer.ts';
import { conversionLoss, qualityOf } from '../import/conversionLoss.ts';
import { modelJson } from '../import/importModel.ts';
import { openOrder, opener, readManifest, storeOf, type ImporterHost } from './order.ts';
import { localSource } from './localSource.ts';

/** How many token grids are compared; one where everything is computed in software, which takes minutes each. */
const grids = { hardware: 4, software: 1 };

/** `compare` of wire/importer.ts. */
export async function compare(
  host: ImporterHost,
  order: ImportOrder,
  id: string,
  onProgress: (progress: CompareProgress) => void,
  stop: Stop,
): Promise<ModelCard> {
  const { tokenizer, transformer } = await openOrder(order, opener(host, stop));
  const store = await storeOf(host, localFolder(id));
  const manifest = await readManifest(new Map([['model.json', (await store.find('model.json'))!]]));
  const opened = await host.openDevice();
  try {
    const comparison = {
      files: { tokenizer, transformer },
      options: order.options,
      converted: localSource(id, host.openStore),
      grids: opened.report.isFallback ? grids.software : grids.hardware,
      onPass: (done: number, total: number) => onProgress({ done, total }),
    };
    const loss = await conversionLoss(opened, failureOf(opened.device), comparison, stop);
    const measured = { ...manifest, quality: { ...manifest.quality, ...qualityOf(loss) } };
    const writer = await store.create('model.json');
    writer.write(modelJson(measured));
    writer.close();
    return cardOf(measured);
  } finally {
    opened.device.destroy();
  }
}
