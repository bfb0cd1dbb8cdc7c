import type { CloseUpRule } from './closeUp.ts';
import type { ModelConfig } from './config.ts';
import { Failure } from './failure.ts';
import { Fields, isPlainFileName } from './fields.ts';
import type { ModelAssets, ModelClass, ModelManifest, Shard } from './manifest.ts';
import { parseModelConfig } from './parseConfig.ts';
import { defaultSettings, type SamplerSettings } from './request.ts';
import { MOST_CORRECTIONS, settingChoices } from './settings.ts';

/**
 * Check a model.json and make it complete: sampler defaults, the transformer's codebook from the tokenizer's. Unknown
 * keys are ignored.
 * @param where what errors call the file
 * @throws Failure BadFile naming the field and what is allowed there
 */
export function parseManifest(json: unknown, where: string): ModelManifest {
  const fields = new Fields(json, where);
  fields.oneOf('format', ['unmask-model']);
  fields.whole('version', 1, 1);
  const config = parseModelConfig(fields.object('config'), where);
  const sampler = fields.has('sampler') ? parseSampler(fields.object('sampler'), defaultSettings) : defaultSettings;
  return {
    format: 'unmask-model',
    version: 1,
    id: fields.fileName('id'),
    name: fields.text('name', 200),
    summary: fields.text('summary', 2000, ''),
    ...(fields.has('early') && { early: fields.text('early', 2000) }),
    licence: parseLicence(fields),
    ...(fields.has('trained') && { trained: parseTrained(fields.object('trained')) }),
    config,
    classes: parseClasses(fields, config, where),
    shards: parseShards(fields, where),
    sampler,
    ...(fields.has('editSampler') && { editSampler: parseSampler(fields.object('editSampler'), sampler) }),
    ...(fields.has('closeUp') && { closeUp: parseCloseUp(fields.object('closeUp'), config) }),
    quality: fields.has('quality') ? parseQuality(fields.object('quality')) : {},
    assets: fields.has('assets') ? parseAssets(fields.object('assets')) : {},
  };
}

function parseLicence(fields: Fields): ModelManifest['licence'] {
  if (!fields.has('licence')) return { name: 'unknown', attribution: '' };
  const licence = fields.object('licence');
  return { name: licence.text('name', 200), attribution: licence.text('attribution', 20_000, '') };
}

function parseTrained(trained: Fields): { command: string; commit: string } {
  return { command: trained.text('command', 2000), commit: trained.text('commit', 200, '') };
}

function parseClasses(fields: Fields, config: ModelConfig, where: string): readonly ModelClass[] {
  const classes = fields.list('classes', 100_000, (value, place) => {
    const item = new Fields(value, place);
    return {
      name: item.text('name', 200),
      aliases: item.list('aliases', 100, parseAlias),
      ...(item.has('kinds') && { kinds: item.list('kinds', 200, parseAlias) }),
    };
  });
  const wanted = config.transformer?.classes;
  if (wanted !== undefined && classes.length > 0 && classes.length !== wanted) {
    throw new Failure(
      'BadFile',
      `${where}.classes has ${classes.length} entries, but config.transformer.classes is ${wanted}.`,
    );
  }
  return classes;
}

function parseAlias(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length <= 200) return value;
  throw new Failure('BadFile', `${where} must be a text of at most 200 letters.`);
}

function parseShards(fields: Fields, where: string): readonly Shard[] {
  const shards = fields.list('shards', 1000, (value, place) => {
    const item = new Fields(value, place);
    const shard = {
      file: item.fileName('file'),
      sizeBytes: item.whole('sizeBytes', 8, 2 ** 32),
      sha256: item.text('sha256', 64),
    };
    return /^[0-9a-f]{64}$/.test(shard.sha256)
      ? shard
      : item.refuse('sha256', '64 lower-case hexadecimal digits', shard.sha256);
  });
  if (shards.length === 0) throw new Failure('BadFile', `${where}.shards must name at least one shard.`);
  if (new Set(shards.map(({ file }) => file)).size < shards.length) {
    throw new Failure('BadFile', `${where}.shards names a shard twice.`);
  }
  return shards;
}

/** The settings that are named; the others are the fallback's. */
function parseSampler(sampler: Fields, fallback: SamplerSettings): SamplerSettings {
  const steps = sampler.whole('steps', 1, 1000, fallback.steps);
  return {
    steps,
    startStep: sampler.whole('startStep', 0, steps - 1, Math.min(fallback.startStep, steps - 1)),
    schedule: sampler.oneOf('schedule', settingChoices.schedule, fallback.schedule),
    temperature: sampler.number('temperature', 0, 100, fallback.temperature),
    temperatureRamp: sampler.oneOf('temperatureRamp', settingChoices.temperatureRamp, fallback.temperatureRamp),
    choiceTemperature: sampler.number('choiceTemperature', 0, 1000, fallback.choiceTemperature),
    annealing: sampler.oneOf('annealing', settingChoices.annealing, fallback.annealing),
    score: sampler.oneOf('score', settingChoices.score, fallback.score),
    guidanceScale: sampler.number('guidanceScale', 0, 100, fallback.guidanceScale),
    guidanceRamp: sampler.oneOf('guidanceRamp', settingChoices.guidanceRamp, fallback.guidanceRamp),
    order: sampler.oneOf('order', settingChoices.order, fallback.order),
    corrections: sampler.whole('corrections', 0, MOST_CORRECTIONS, fallback.corrections),
  };
}

function parseCloseUp(rule: Fields, { grid }: ModelConfig): CloseUpRule {
  const side = rule.whole('side', 1, Math.min(grid.rows, grid.cols));
  return { below: rule.whole('below', 1, side, side), side };
}

function parseQuality(quality: Fields): ModelManifest['quality'] {
  const kept: [string, number | string][] = [];
  for (const [name, value] of quality.entries(200)) {
    if (Number.isFinite(value)) kept.push([name, value as number]);
    else if (typeof value === 'string' && value.length <= 2000) kept.push([name, value]);
    else quality.refuse(name, 'a number or a text of at most 2000 letters', value);
  }
  return Object.fromEntries(kept);
}

function parseAssets(assets: Fields): ModelAssets {
  return {
    ...(assets.has('atlas') && {
      atlas: assets.fileName('atlas'),
      atlasTile: assets.whole('atlasTile', 1, 256),
      atlasCols: assets.whole('atlasCols', 1, 65_536),
    }),
    ...(assets.has('classThumbnails') && {
      classThumbnails: assets.fileName('classThumbnails'),
      thumbnailSize: assets.whole('thumbnailSize', 1, 1024),
      thumbnailCols: assets.whole('thumbnailCols', 1, 65_536),
    }),
    ...(assets.has('recordings') && { recordings: assets.list('recordings', 100, parseAssetName) }),
  };
}

function parseAssetName(value: unknown, where: string): string {
  if (isPlainFileName(value)) return value;
  throw new Failure('BadFile', `${where} must be a plain file name without path, scheme or query.`);
}
