/** The text of UTF-8 bytes, or undefined where they are not UTF-8 (overlong forms and surrogates included). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const pieces: string[] = [];
  let codes: number[] = [];
  for (let i = 0; i < bytes.length;) {
    const [code, length] = codePointAt(bytes, i);
    if (length === 0) return undefined;
    codes.push(code);
    i += length;
    // String.fromCodePoint takes its code points as arguments, so in portions that fit the stack.
    if (codes.length === 4096) {
      pieces.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  pieces.push(String.fromCodePoint(...codes));
  return pieces.join('');
}

/** The smallest code point that needs 2, 3, 4 bytes: anything below is an overlong form. */
const smallest = [0, 0, 0x80, 0x800, 0x10000];

/** The code point that starts at byte i and how many bytes it takes; 0 bytes where there is none. */
function codePointAt(bytes: Uint8Array, i: number): [code: number, length: number] {
  const lead = bytes[i]!;
  if (lead < 0x80) return [lead, 1];
  const length = lead >= 0xf8 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
  if (length === 0 || i + length > bytes.length) return [0, 0];
  let code = lead & (0x7f >> length);
  for (let k = 1; k < length; k++) {
    const next = bytes[i + k]!;
    if ((next & 0xc0) !== 0x80) return [0, 0];
    code = (code << 6) | (next & 0x3f);
  }
  const isCharacter = code >= smallest[length]! && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? [code, length] : [0, 0];
}

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return new Uint8Array(bytes);
}
