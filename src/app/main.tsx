import './styles/global.css';
import { createRoot } from 'react-dom/client';
import { fromPng, pasteBack, readSurroundings, toPixels, toSource } from './canvas/pictures.ts';
import type { Desk, EngineSeat } from './commands/desk.ts';
import { keepTouring } from './commands/playback.ts';
import { keepPreferences } from './commands/preferences.ts';
import { keepSheet } from './commands/keepSheet.ts';
import { browserSheets } from './commands/sheetShelf.ts';
import { browserShelf } from './commands/shelf.ts';
import { followStage } from './commands/base.ts';
import { followBoxLinks } from './commands/boxLinks.ts';
import { followBite } from './commands/bite.ts';
import { listenToRelease } from './commands/editShortcuts.ts';
import { listenToHeldTools } from './commands/holdTool.ts';
import { followLive } from './commands/live.ts';
import { listenToPictures } from './commands/importPicture.ts';
import { listenToKeys } from './commands/keys.ts';
import { keepLocalModels } from './commands/localModels.ts';
import { restartOnChange } from './commands/restart.ts';
import { start } from './commands/start.ts';
import { measureAtRest } from './commands/tuning.ts';
import { workerSeat } from './engineWorker.ts';
import { createStudio } from './store/studio.ts';
import { App } from './views/App.tsx';
import { DeskContext } from './views/desk.ts';

/** The model of the fake engine. */
const FAKE_MODEL = 'models/mini/model.json';

/** The engine in its worker; in a development build `VITE_ENGINE=fake` seats one that needs no GPU. */
async function engineSeat(): Promise<EngineSeat> {
  if (import.meta.env.DEV && import.meta.env['VITE_ENGINE'] === 'fake') {
    return (await import('./testing/fakeSeat.ts')).fakeSeat(new URL(FAKE_MODEL, document.baseURI).href);
  }
  return workerSeat();
}

async function open(root: HTMLElement): Promise<void> {
  const desk: Desk = {
    store: createStudio(),
    seat: await engineSeat(),
    shelf: browserShelf(),
    sheets: browserSheets(),
    modelUrl: '',
    reels: new Map(),
    kept: new Map(),
    hireImporter: async () => (await import('./importerWorker.ts')).hireImporter(),
    hireRacer: async () => (await import('./raceWorker.ts')).hireRacer(),
    toSource,
    toPixels,
    fromPng,
    readSurroundings,
    pasteBack,
    randomSeed: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
  };
  // For work on the page: another model than those that ship.
  const url: string | undefined = import.meta.env['VITE_MODEL_URL'];
  const visit = start(desk, url && new URL(url, document.baseURI).href);
  keepPreferences(desk.store);
  keepTouring(desk);
  followStage(desk);
  followBite(desk);
  followBoxLinks(desk);
  followLive(desk);
  restartOnChange(desk);
  keepSheet(desk);
  keepLocalModels(desk);
  measureAtRest(desk);
  listenToKeys(desk);
  listenToRelease(desk);
  listenToHeldTools(desk);
  listenToPictures(desk);
  createRoot(root).render(
    <DeskContext value={desk}>
      <App />
    </DeskContext>,
  );
  if (import.meta.env.PROD) {
    addEventListener('load', () => void import('./commands/offline.ts').then(({ workOffline }) => workOffline(desk)));
  }
  await visit;
}

const root = document.getElementById('app');
const bench = new URLSearchParams(location.search).get('bench');
if (root && bench !== null) void import('./bench.tsx').then(({ openBench }) => openBench(root, bench));
else if (root) void open(root);
