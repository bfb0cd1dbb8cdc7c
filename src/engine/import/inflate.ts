import type { InflateRaw } from '../../formats/zip.ts';

/** Parts of what is kept. */
const keptPieceBytes = 2 ** 22;

/**
 * Raw deflate undone by the platform. What comes out is kept in Blobs: browsers put large ones on the disk, Node holds them in
 * memory outside of its heap.
 */
export const inflateRaw: InflateRaw = async (deflated, onPiece) => {
  const reader = streamOf(deflated).pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const kept: Blob[] = [];
  let [pieces, pieceBytes]: [Uint8Array<ArrayBuffer>[], number] = [[], 0];
  const keep = (): void => {
    kept.push(new Blob(pieces));
    [pieces, pieceBytes] = [[], 0];
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      onPiece(value);
      pieces.push(value);
      pieceBytes += value.byteLength;
      if (pieceBytes >= keptPieceBytes) keep();
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {}); // it may have failed by itself
    throw error;
  }
  keep();
  const whole = new Blob(kept);
  return {
    read: async (offset, length) => new Uint8Array(await whole.slice(offset, offset + length).arrayBuffer()),
  };
};

/** A stream that takes the next piece when the one before is done with. */
function streamOf(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const each = pieces[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await each.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await each.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
