/**
 * Models that were brought in and lie in the browser's storage: `models/local-<id>/` of the origin's private file
 * system holds what a model folder holds, model.json written last. Their address is `local:<id>`.
 */
export const MODELS_FOLDER = 'models';
const SCHEME = 'local:';
const FOLDER_PREFIX = 'local-';

export function localUrl(id: string): string {
  return SCHEME + id;
}

/** The id in the address of a local model; undefined for other addresses. */
export function localId(url: string): string | undefined {
  return url.startsWith(SCHEME) ? url.slice(SCHEME.length) : undefined;
}

export function localFolder(id: string): string {
  return FOLDER_PREFIX + id;
}

/** The id of the model in a folder of this name; undefined for other folders. */
export function idOfFolder(folder: string): string | undefined {
  return folder.startsWith(FOLDER_PREFIX) ? folder.slice(FOLDER_PREFIX.length) : undefined;
}
