import { canonicalJson, compareText, type Digest, isDigest, type Json, sha256 } from '@baton/kernel';
import * as z from 'zod';
import type { Identity } from '../model/observation.ts';
import { damaged, TOKEN_NAME } from './esc-syntax.ts';
import { refuseForeignText } from './foreign-text.ts';

/** The name of the manifest in the directory of a golden. */
export const MANIFEST = 'manifest.json';

/** In place of a file name: the channel was there and held no bytes. */
export const EMPTY = 'empty';

/** The streams that a run may have, in the order in which they are stored. */
export const STREAMS = ['stdout', 'stderr', 'merged'] as const;
/** The trees of an observation. */
export const TREES = ['host', 'container'] as const;
/** One of {@link TREES}. */
export type Tree = (typeof TREES)[number];

const digest = z.custom<Digest>(isDigest, 'a sha256 digest');
// Escaped text, as in `.esc` files but with the JSON's own way to write a line end.
const escaped = z.string();
const reference = z.string().regex(/^(?:empty|[A-Za-z0-9._+{}-]+\.esc)$/);
const mode = z.string().regex(/^[0-7]{4}$/);
const row = z.strictObject({
  path: escaped,
  type: z.enum(['file', 'dir', 'symlink', 'other']),
  mode,
  contents: reference.exactOptional(),
  target: escaped.exactOptional(),
  change: z.enum(['modified', 'mode']).exactOptional(),
});
const run = z.strictObject({
  exit: z.int().min(0).max(255).exactOptional(),
  signal: z
    .string()
    .regex(/^[A-Z0-9+]+$/)
    .exactOptional(),
  timeout: z.number().exactOptional(),
  milliseconds: z.int().min(0),
  stdout: reference.exactOptional(),
  stderr: reference.exactOptional(),
  merged: reference.exactOptional(),
});
const identity = z.strictObject({
  kind: z.enum(['process', 'container', 'golden']),
  name: z.string(),
  digest: z.string(),
  facts: z.record(z.string(), z.string()),
});
const file = z.strictObject({
  /** Of the `.esc` file. */
  digest,
  /** Above 1 MiB: of the compressed text in `<name>.gz`; the `.esc` file holds the first and the last lines. */
  blob: digest.exactOptional(),
  /** The channel was not kept: the form without tokens that is known of it, of which the `.esc` file holds head and tail. */
  elided: z
    .strictObject({ size: z.int(), normalisedSize: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .exactOptional(),
});
const schema = z.strictObject({
  version: z.literal(1),
  scenario: z.string(),
  tier: z.enum(['T1', 'T2']),
  origin: z.strictObject({
    kind: z.enum(['recorded', 'imported', 'accepted-from-new']),
    identity,
    because: z.string().exactOptional(),
  }),
  runs: z.array(run).min(1),
  host: z.array(row),
  hostDeleted: z.array(escaped).exactOptional(),
  hostMode: mode.exactOptional(),
  container: z.array(row),
  containerDeleted: z.array(escaped).exactOptional(),
  containerMode: mode.exactOptional(),
  leftovers: z.array(escaped).exactOptional(),
  /** Value by name, for tokens: what stood there when it was recorded. */
  tokens: z.record(z.string().regex(TOKEN_NAME), escaped),
  files: z.record(z.string(), file),
});

/** Everything that a golden knows but the text of its channels. */
export type GoldenManifest = z.infer<typeof schema>;
/** Where a golden comes from: OLD was run, a recording was imported, or NEW's output was taken. */
export type GoldenOrigin = GoldenManifest['origin'];
export type ManifestRow = GoldenManifest['host'][number];
export type ManifestRun = GoldenManifest['runs'][number];
export type FileRecord = GoldenManifest['files'][string];

/** An identity as a golden keeps it: what lies in the project is called by its path from there, for goldens are read on other machines. */
export function keptIdentity(identity: Identity, project: string): GoldenOrigin['identity'] {
  const kept = (text: string): string => text.replaceAll(`${project}/`, '');
  const facts = Object.entries(identity.facts).map(([name, fact]) => [name, kept(fact)]);
  return { ...identity, name: kept(identity.name), facts: Object.fromEntries(facts) };
}

/**
 * A manifest as it is stored: ASCII, keys sorted, one entry a line, and its own digest, so that a hand that edits it is seen.
 */
export function printManifest(manifest: GoldenManifest): Buffer {
  const entries = { ...manifest, digest: manifestDigest(manifest) };
  const lines = sortedKeys(entries).map((key) => `  ${JSON.stringify(key)}: ${printEntries(key, entries[key])}`);
  const text = `{\n${lines.join(',\n')}\n}\n`;
  return Buffer.from(
    text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** Reads a stored manifest back. Throws `GOLDEN_LFS_POINTER`, `GOLDEN_DAMAGED`. */
export function parseManifest(where: string, bytes: Buffer): GoldenManifest {
  refuseForeignText(where, bytes);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('latin1'));
  } catch (error) {
    throw damaged(where, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { digest: stored, ...rest } = z.looseObject({ digest: z.unknown() }).catch({ digest: undefined }).parse(json);
  const parsed = schema.safeParse(rest);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(where, `is no manifest of a golden: ${issue?.path.join('.')} ${issue?.message}`);
  }
  if (stored !== manifestDigest(parsed.data) || !printManifest(parsed.data).equals(bytes)) {
    throw damaged(where, 'was edited by hand: its digest is another one');
  }
  return parsed.data;
}

/** The digest of everything in a manifest: as it is stored in it. */
export function manifestDigest(manifest: GoldenManifest): Digest {
  return sha256(canonicalJson(asJson(manifest)));
}

function printEntries(key: string, value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[\n${value.map((item) => `    ${compact(item)}`).join(',\n')}\n  ]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = sortedKeys(value).sort(key === 'tokens' ? byKindAndNumber : () => 0);
  const entries = new Map(Object.entries(value));
  const lines = names.map((name) => `    ${JSON.stringify(name)}: ${compact(entries.get(name))}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
}

function compact(value: unknown): string {
  return canonicalJson(asJson(value)).toString('utf8').trimEnd();
}

function sortedKeys<T extends object>(value: T): (keyof T & string)[] {
  const keys = Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [key]));
  return keys.sort(compareText) as (keyof T & string)[];
}

function byKindAndNumber(one: string, other: string): number {
  const [[kind = '', number = ''], [otherKind = '', otherNumber = '']] = [one.split(':'), other.split(':')];
  return compareText(kind, otherKind) || Number(number) - Number(otherNumber);
}

// What the schema let through is JSON; optional keys may be undefined, which canonical JSON leaves out.
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
