// Lets the page start without a network. `vite build` writes it beside index.html with the build's files in the place
// of FILES; it touches neither weights (they lie in the private file system) nor other sites.
const FILES = [];
const VERSION = '';
const CACHE = `unmask page ${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  const isOld = (name) => name.startsWith('unmask page ') && name !== CACHE;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)))));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = request.method === 'GET' && url.href.startsWith(self.registration.scope);
  if (!isOurs || url.pathname.endsWith('.safetensors')) return;
  // Names under assets/ carry a hash of their content: a kept copy is the file.
  event.respondWith(url.pathname.includes('/assets/') ? keptFirst(request) : networkFirst(request));
});

async function keptFirst(request) {
  return (await kept(request)) ?? fetch(request);
}

/** The newest while there is a network, else what was kept; the page itself whatever stands behind its address. */
async function networkFirst(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await kept(request.mode === 'navigate' ? './' : request);
    if (copy) return copy;
    throw error;
  }
}

/** Whatever the headers of the request: servers that say `Vary: Origin` send the same to everybody. */
function kept(request) {
  return caches.match(request, { ignoreSearch: true, ignoreVary: true });
}
