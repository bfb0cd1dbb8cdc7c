import type { InflateRaw } from '../../formats/zip.ts';

/** Raw deflate undone by the platform (browser or Node), never beyond the limit. */
export const inflateRaw: InflateRaw = async (deflated, limitBytes) => {
  const reader = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const bytes = new Uint8Array(limitBytes);
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, filled);
    if (filled + value.byteLength > limitBytes) {
      await reader.cancel();
      throw new Error(`more than the ${limitBytes} bytes that it says`);
    }
    bytes.set(value, filled);
    filled += value.byteLength;
  }
};
