// Installs what the tests need from the system: Chromium, the Vulkan loader and a software Vulkan, on Debian as root.
// Elsewhere it says in one line what is missing. `node tools/system.mjs` does nothing where all is there.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

/** Path of a Chromium: the variable CHROMIUM, or where distributions put it; undefined where there is none. */
export function findChromium() {
  return [process.env.CHROMIUM, ...chromiumPaths].find((path) => path !== undefined && existsSync(path));
}

function installed(name) {
  try {
    return execFileSync('dpkg-query', ['-W', '-f=${Status} ${Version}', name], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  } catch {
    return '';
  }
}

function apt(args, options = []) {
  execFileSync('apt-get', ['-qq', '-y', '--no-install-recommends', ...options, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Mesa of bookworm (22.3) is too old for Dawn; its backport (25) has shader-f16 and is about 3 times SwiftShader's speed. */
function installMesaBackport() {
  const sources = '/etc/apt/sources.list.d/debian.sources';
  if (!existsSync(sources) || !readFileSync('/etc/os-release', 'utf8').includes('bookworm')) return;
  const [uri, key] = [/^URIs:.*$/m, /^Signed-By:.*$/m].map(
    (line) => line.exec(readFileSync(sources, 'utf8'))?.[0] ?? '',
  );
  const list = join(mkdtempSync(join(tmpdir(), 'unmask-')), 'backports.sources');
  writeFileSync(list, `Types: deb\n${uri}\nSuites: bookworm-backports\nComponents: main\n${key}\n`);
  apt(
    ['update'],
    ['-o', `Dir::Etc::SourceList=${list}`, '-o', 'Dir::Etc::SourceParts=-', '-o', 'APT::Get::List-Cleanup=0'],
  );
  apt(
    ['install', '-t', 'bookworm-backports', 'mesa-vulkan-drivers'],
    ['-o', `Dir::Etc::SourceParts=/etc/apt/sources.list.d`, '-o', `Dir::Etc::SourceList=${list}`],
  );
}

/** Make the machine ready for `npm test`. Throws one sentence where that cannot be done. */
export function prepareSystem() {
  const wanted = ['libvulkan1', 'chromium'].filter((name) => !installed(name).includes('ok installed'));
  const hasMesa = /installed (2[5-9]|[3-9]\d)/.test(installed('mesa-vulkan-drivers'));
  if (wanted.length === 0 && hasMesa) return;
  const isDebianRoot = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (!isDebianRoot) {
    if (findChromium() !== undefined) return; // with a GPU of its own, or a Vulkan the tests will find
    throw new Error(
      'npm test needs Chromium and Vulkan; install them (Debian, Ubuntu: apt-get install chromium libvulkan1 mesa-vulkan-drivers) or set CHROMIUM to a Chromium.',
    );
  }
  console.error(
    `installing ${[...wanted, hasMesa ? '' : 'mesa-vulkan-drivers'].filter(Boolean).join(', ')} from Debian's packages`,
  );
  apt(['update']);
  if (wanted.length > 0) apt(['install', ...wanted]);
  try {
    if (!hasMesa) installMesaBackport();
  } catch {
    console.error(
      'no recent Mesa to be had: the tests use the SwiftShader that comes with Chromium, without the f16 paths',
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    prepareSystem();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
