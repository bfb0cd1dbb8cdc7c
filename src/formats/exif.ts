/** How a picture must be turned to be upright: 1 not at all … 8, as EXIF counts. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The orientation in an EXIF block (a TIFF file: byte order, then directories); 1 when it says none or makes no sense. */
export function exifOrientation(exif: Uint8Array): Orientation {
  const start = hasPrefix(exif, 'Exif\0\0') ? 6 : 0;
  const view = new DataView(exif.buffer, exif.byteOffset + start, exif.byteLength - start);
  if (view.byteLength < 14) return 1;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

function hasPrefix(bytes: Uint8Array, prefix: string): boolean {
  return [...prefix].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}
