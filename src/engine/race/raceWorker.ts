import { localId } from '../../core/localModel.ts';
import { openDevice } from '../../gpu/open.ts';
import { serveRacer } from '../../wire/race.ts';
import { browserGpu } from '../browserGpu.ts';
import { httpSource } from '../httpSource.ts';
import { localSource } from '../local/localSource.ts';
import { browserTuning } from '../tuning/browserTuning.ts';
import { Tuning } from '../tuning/tuning.ts';
import { createRacer } from './racer.ts';

declare const self: DedicatedWorkerGlobalScope;

serveRacer(
  createRacer({
    openDevice: async () => openDevice(browserGpu(self)),
    tuning: new Tuning(browserTuning(), self.navigator.userAgent),
    sourceOf: (url) => {
      const id = localId(url);
      return id === undefined ? httpSource(url) : localSource(id);
    },
  }),
  self,
);
