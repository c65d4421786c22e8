import type { Digest } from '@baton/kernel';
import {
  asAnyText,
  asArray,
  asDigest,
  asObject,
  asSet,
  asText,
  asTextMap,
  member,
  optional,
  type Place,
  readDocument,
  refuse,
} from './document.ts';

/** What a container runs and with what (OCI image configuration, `config`). Other members of a base's config are kept. */
export interface RuntimeConfig {
  User?: string;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  Volumes?: Record<string, object>;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, object>;
  StopSignal?: string;
}

/** How one layer, or one change of the config, came to be (OCI image configuration, `history`). */
export interface HistoryEntry {
  created?: string;
  author?: string;
  created_by?: string;
  comment?: string;
  empty_layer?: boolean;
}

/** The config of an image (OCI image configuration). `rootfs.diff_ids` are the digests of the uncompressed layers, bottom first. */
export interface ImageConfig {
  created?: string;
  author?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: RuntimeConfig;
  rootfs: { type: 'layers'; diff_ids: Digest[] };
  history?: HistoryEntry[];
}

const MOST_LAYERS = 1000;
const MOST_ITEMS = 10_000;

/**
 * Reads an image config from its bytes. Members that the specification does not name are kept as they are, members that
 * are `null` (as Docker writes them) are left out. Throws `IMAGE_INVALID` that names `where` and the JSON path.
 */
export function parseImageConfig(bytes: Uint8Array, where: string): ImageConfig {
  const top = readDocument(bytes, where);
  const rootfs = member(top, 'rootfs');
  if (member(rootfs, 'type').value !== 'layers') refuse(member(rootfs, 'type'), 'the word "layers"');
  return {
    ...withoutKnown(top, ['created', 'author', 'architecture', 'os', 'variant', 'config', 'rootfs', 'history']),
    ...present({
      created: optional(top, 'created', asAnyText),
      author: optional(top, 'author', asAnyText),
      variant: optional(top, 'variant', asText),
      config: optional(top, 'config', readRuntime),
      history: optional(top, 'history', (at) => asArray(at, MOST_ITEMS).map(readHistory)),
    }),
    architecture: asText(member(top, 'architecture'), 'the name of an architecture'),
    os: asText(member(top, 'os'), 'the name of an operating system'),
    rootfs: { type: 'layers', diff_ids: optional(rootfs, 'diff_ids', readDiffIds) ?? [] },
  };
}

function readDiffIds(place: Place): Digest[] {
  return asArray(place, MOST_LAYERS).map(asDigest);
}

function readRuntime(place: Place): RuntimeConfig {
  const known = {
    User: optional(place, 'User', asAnyText),
    Env: optional(place, 'Env', readTexts),
    Entrypoint: optional(place, 'Entrypoint', readTexts),
    Cmd: optional(place, 'Cmd', readTexts),
    WorkingDir: optional(place, 'WorkingDir', asAnyText),
    Volumes: optional(place, 'Volumes', asSet),
    Labels: optional(place, 'Labels', asTextMap),
    ExposedPorts: optional(place, 'ExposedPorts', asSet),
    StopSignal: optional(place, 'StopSignal', asAnyText),
  };
  return { ...withoutKnown(place, Object.keys(known)), ...present(known) };
}

function readHistory(place: Place): HistoryEntry {
  return present({
    created: optional(place, 'created', asAnyText),
    author: optional(place, 'author', asAnyText),
    created_by: optional(place, 'created_by', asAnyText),
    comment: optional(place, 'comment', asAnyText),
    empty_layer: optional(place, 'empty_layer', asBoolean),
  });
}

function readTexts(place: Place): string[] {
  return asArray(place, MOST_ITEMS).map(asAnyText);
}

function asBoolean(place: Place): boolean {
  if (typeof place.value !== 'boolean') refuse(place, 'true or false');
  return place.value as boolean;
}

function withoutKnown(place: Place, known: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(asObject(place)).filter(([key]) => !known.includes(key)));
}

/** The members that have a value, so that an absent one is absent and not undefined. */
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
