import { measurePeers, type PeerOptions, type PeerReport } from './measurePeers.ts';

declare global {
  /** What the script that opened the page calls. */
  var runPeers: (options: PeerOptions) => Promise<PeerReport>;
}

const log = document.getElementById('log')!;

globalThis.runPeers = (options) =>
  measurePeers(options, (line) => {
    console.log(line);
    log.append(`${line}\n`);
  });

document.getElementById('start')!.addEventListener('click', (event) => {
  (event.target as HTMLButtonElement).disabled = true;
  const options = { model: 'mini', rounds: 7, pictureRounds: 3, triesForms: true };
  globalThis.runPeers(options).then(
    (report) => log.append(JSON.stringify(report, null, 2)),
    (error: unknown) => log.append(String(error)),
  );
});
