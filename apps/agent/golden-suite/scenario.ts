import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

/** Where the recordings of the reference agent are. */
export const GOLDENS = resolve(import.meta.dirname, '../goldens');

const octal = z.string().regex(/^[0-7]{3,4}$/);
const generator = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('repeat'), unit: z.string(), count: z.int(), tail: z.string().optional() }),
  z.strictObject({ kind: z.literal('numbered-lines'), format: z.string(), count: z.int() }),
]);
const treeEntry = z.strictObject({
  path: z.string().startsWith('/'),
  type: z.enum(['file', 'dir', 'symlink', 'delete']).default('file'),
  target: z.string().optional(),
  mode: octal.optional(),
  mtime: z.number().optional(),
  utf8: z.string().optional(),
  b64: z.base64().optional(),
  generate: generator.optional(),
});
const action = z.strictObject({
  wait_for: z.string().startsWith('/'),
  delay: z.number().default(0.2),
  signal: z.string(),
  to: z.enum(['agent', 'launcher', 'group']),
});
const environment = z.record(z.string(), z.string());
const run = z.strictObject({
  argv: z.array(z.string()),
  env: environment.default({}),
  before: z.array(treeEntry).default([]),
  actions: z.array(action).default([]),
});
const scenario = z.strictObject({
  name: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  env: environment,
  root_mount: z.string().startsWith('/'),
  rootfs: z.enum(['busybox', 'none']),
  rootfs_remove: z.array(z.string()).default([]),
  host_tree: z.array(treeEntry),
  container_tree: z.array(treeEntry).default([]),
  cwd: z.string().startsWith('/').default('/'),
  runs: z.array(run).min(1),
  clock: z.strictObject({ faketime: z.string() }).optional(),
  merge_streams: z.boolean().default(false),
  grouped: z.boolean().default(false),
  normalised: z.array(z.string()),
  traceback_level: z.enum(['strict', 'typed', 'present']).default('strict'),
});

/** One file, directory or link that is laid out, or taken away, before a run. */
export type TreeEntry = z.infer<typeof treeEntry>;
/** A signal that is sent while a run goes on. */
export type Action = z.infer<typeof action>;
/** One invocation of the agent. */
export type Run = z.infer<typeof run>;
/** The inputs of one recording; the fields are those of goldens/README.md. */
export type Scenario = z.infer<typeof scenario>;

/** The names of all recorded scenarios, sorted; throws when there are none. */
export function scenarioNames(goldens: string = GOLDENS): string[] {
  const names = readdirSync(goldens).filter((name) => existsSync(join(goldens, name, 'scenario.json')));
  if (names.length === 0) throw new Error(`no scenario below ${goldens}`);
  return names.sort();
}

/** Reads the inputs of a scenario; throws for a key that is not known, because nobody would act on it. */
export function readScenario(name: string, goldens: string = GOLDENS): Scenario {
  const read = scenario.parse(JSON.parse(readFileSync(join(goldens, name, 'scenario.json'), 'utf8')));
  if (read.name !== name) throw new Error(`the scenario in ${name} calls itself ${read.name}`);
  return read;
}

/** The environment of a run: the scenario's, with the run's own additions on top, in this order. */
export function environmentOf({ env }: Scenario, run: Run): [name: string, value: Buffer][] {
  return Object.entries({ ...env, ...run.env }).map(([name, value]) => [
    name,
    value.startsWith('hex:') ? Buffer.from(value.slice('hex:'.length), 'hex') : Buffer.from(value),
  ]);
}
