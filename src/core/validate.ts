import type { ModelConfig } from './config.ts';
import { Failure } from './failure.ts';
import { MASK, positionCount } from './grid.ts';
import { defaultSettings, type ExplicitNoise, type GenerateRequest } from './request.ts';
import { checkNumber, checkSettings, show } from './settings.ts';

/**
 * Refuse a request that the model cannot paint: numbers out of range, arrays of another length, nothing masked,
 * everything banned, guidance without a null class.
 *
 * @throws Failure BadRequest, one sentence with the field's name and the allowed range
 */
export function checkRequest(request: GenerateRequest, config: ModelConfig): void {
  const { transformer } = config;
  if (!transformer)
    throw new Failure('BadRequest', 'the model holds a tokenizer only; load one with a transformer to paint');
  if (transformer.order === 'raster') {
    throw new Failure('BadRequest', 'the model draws token by token, to race against; choose another one to paint');
  }
  const positions = positionCount(config.grid);
  const classes = { min: transformer.nullClass ? -1 : 0, max: transformer.classes - 1, whole: true };
  const codes = { min: 0, max: transformer.codebook - 1, whole: true };

  checkSettings(request.settings, config);
  checkNumber('seed', request.seed, { min: 0, max: 0xffff_ffff, whole: true });
  checkNumber('classId', request.classId, classes);
  if (request.tokens) {
    checkLength('tokens', request.tokens, positions);
    request.tokens.forEach((token, p) => checkNumber(`tokens[${p}]`, token, { ...codes, min: MASK }));
    if (!request.tokens.includes(MASK))
      throw new Failure('BadRequest', 'tokens has nothing to paint; mask at least one position');
  }
  if (request.painted) {
    checkLength('painted', request.painted, positions);
    request.painted.forEach((paint, p) => {
      const isMasked = (request.tokens?.[p] ?? MASK) === MASK;
      checkNumber(`painted[${p}]`, paint, { min: isMasked ? 1 : 0, max: 1, whole: true });
    });
  }
  if (request.classOfPosition) {
    checkLength('classOfPosition', request.classOfPosition, positions);
    request.classOfPosition.forEach((id, p) => checkNumber(`classOfPosition[${p}]`, id, classes));
  }
  request.bannedCodes?.forEach((code, i) => checkNumber(`bannedCodes[${i}]`, code, codes));
  if (bannedMask(request, transformer.codebook)?.includes(0) === false) {
    throw new Failure('BadRequest', `bannedCodes bans all ${transformer.codebook} codes; leave at least one to draw`);
  }
  if (request.noise) checkNoise(request.noise, request, positions, transformer.codebook);
}

/** [codebook] 1 where a code is banned; absent when none is. */
export function bannedMask({ bannedCodes }: GenerateRequest, codebook: number): Uint8Array<ArrayBuffer> | undefined {
  if (!bannedCodes || bannedCodes.length === 0) return undefined;
  const mask = new Uint8Array(codebook);
  for (const code of bannedCodes) mask[code] = 1;
  return mask;
}

function checkNoise(noise: ExplicitNoise, { settings }: GenerateRequest, positions: number, codebook: number): void {
  const runs = settings.steps - settings.startStep;
  checkLength('noise.drawNoise', noise.drawNoise, runs * positions * codebook);
  checkLength('noise.choiceNoise', noise.choiceNoise, runs * positions);
}

function checkLength(field: string, { length }: { readonly length: number }, expected: number): void {
  if (length !== expected) throw new Failure('BadRequest', `${field} has ${length} values; it must have ${expected}`);
}

/**
 * A request out of anything that JSON can say (a link, a recipe, a script). Missing settings are the defaults;
 * unknown fields are ignored, so that a newer version's link still works.
 *
 * @throws Failure BadRequest, one sentence with the field's name; never anything else
 */
export function parseRequest(value: unknown, config: ModelConfig): GenerateRequest {
  const fields = record('the request', value);
  const seed = fields['seed'] ?? 0;
  const classId = fields['classId'];
  const settings = { ...defaultSettings, ...known(record('settings', fields['settings'] ?? {})) };
  const tokens = integers('tokens', fields['tokens']);
  const classOfPosition = integers('classOfPosition', fields['classOfPosition']);
  const bannedCodes = integers('bannedCodes', fields['bannedCodes']);
  const request = {
    classId: classId as number, // checked below, with everything else
    seed: seed as number,
    settings,
    ...(tokens && { tokens }),
    ...(classOfPosition && { classOfPosition }),
    ...(bannedCodes && { bannedCodes: [...bannedCodes] }),
  };
  checkRequest(request, config);
  return request;
}

/** The fields that are settings, still unchecked. */
function known(fields: Readonly<Record<string, unknown>>): Partial<Record<keyof typeof defaultSettings, never>> {
  const names = Object.keys(defaultSettings) as (keyof typeof defaultSettings)[];
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

function record(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Failure('BadRequest', `${field} is ${show(value)}; it must be an object`);
}

function integers(field: string, value: unknown): Int32Array<ArrayBuffer> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) && !(value instanceof Int32Array)) {
    throw new Failure('BadRequest', `${field} is ${show(value)}; it must be a list of whole numbers`);
  }
  const range = { min: -(2 ** 31), max: 2 ** 31 - 1, whole: true };
  value.forEach((entry: unknown, i: number) => checkNumber(`${field}[${i}]`, entry, range));
  return Int32Array.from(value as number[]);
}
