import { pngChunks } from './pngChunks.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Longer texts and more of them are left out: a recipe is a few hundred bytes. */
const textLimitBytes = 64 * 1024;
const textLimitCount = 32;

/**
 * Keyword → text of the uncompressed text chunks; compressed ones are never inflated and left out. The first of equal
 * keywords counts. What comes out is data of a stranger: show it as text, parse it with a schema.
 * @throws Failure BadFile when the file is no whole PNG.
 */
export function pngTexts(bytes: Uint8Array, fileName: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { type, data } of pngChunks(bytes, fileName)) {
    if ((type !== 'tEXt' && type !== 'iTXt') || data.byteLength > textLimitBytes || texts.size >= textLimitCount)
      continue;
    const keywordEnd = data.subarray(0, 80).indexOf(0);
    if (keywordEnd < 1) continue;
    const keyword = latin1(data.subarray(0, keywordEnd));
    const text = type === 'tEXt' ? latin1(data.subarray(keywordEnd + 1)) : internationalText(data, keywordEnd);
    if (text !== undefined && !texts.has(keyword)) texts.set(keyword, text);
  }
  return texts;
}

/** After the keyword: compression flag, method, language \0, translated keyword \0, text. */
function internationalText(data: Uint8Array, keywordEnd: number): string | undefined {
  if (data[keywordEnd + 1] !== 0) return undefined;
  const languageEnd = data.indexOf(0, keywordEnd + 3);
  const translatedEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1);
  return translatedEnd < 0 ? undefined : decodeUtf8(data.subarray(translatedEnd + 1));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Content of an uncompressed iTXt chunk. */
export function pngTextChunk(keyword: string, text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\u0020-\u007e\u00a1-\u00ff]{1,79}$/.test(keyword)) throw new RangeError(`"${keyword}" is no PNG keyword`);
  const head = [...keyword].map((letter) => letter.charCodeAt(0));
  return new Uint8Array([...head, 0, 0, 0, 0, 0, ...encodeUtf8(text)]);
}
