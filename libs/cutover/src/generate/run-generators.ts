import { setTimeout } from 'node:timers/promises';
import { compileGlob } from '@baton/edit';
import { entryAt, hashObject, type LeafMode, type NewObject, type ObjectFormat, type ObjectId } from '@baton/git';
import { BatonError, plural } from '@baton/kernel';
import type { ResultContext } from '../model/context.ts';
import type { GenerateOperation } from '../model/manifest.ts';
import { changesSince, snapshotDirectory } from './directory-changes.ts';
import { withPrivateCheckout } from './private-checkout.ts';
import { runApart } from './run-apart.ts';

/** One output of a generator that differs from the tree it ran in. */
export interface GeneratedFile {
  /** `generate[0] run`. */
  operation: string;
  path: string;
  /** In the tree before; absent for a new file. */
  before?: ObjectId;
  /** Absent when the generator removed the file. */
  after?: { mode: LeafMode; blob: NewObject };
}

type Settings = GenerateOperation['run'];

// Seconds.
const TIME_LIMIT = 300;
// File systems stamp changes with the tick of a clock (1-10 ms): a program that changes a file within the tick in which it was
// written would leave no trace.
const TICK = 25;

/**
 * Runs the generators in private checkouts of `context.output`: each on that tree and none on what another one made, so that
 * their order does not matter; twice, in two places, so that what it makes depends on the tree alone.
 *
 * @throws BatonError `GENERATOR_FAILED`: it ended with an error or too late, changed what it does not declare, made other bytes the
 *   second time, made nothing of what it declares, or another generator makes the same file
 */
export async function runGenerators(
  context: ResultContext,
  operations: readonly GenerateOperation[],
): Promise<GeneratedFile[]> {
  const made = new Map<string, GeneratedFile>();
  for (const [index, { run }] of operations.entries()) {
    const operation = `generate[${index}] run`;
    context.emit({ type: 'generate.start', id: operation, label: `generate: ${run.cmd.join(' ')}` });
    const first = await runOnce(context, run, operation);
    const second = await runOnce(context, run, operation);
    demandSame(first, second, operation);
    context.emit({ type: 'generate.end', id: operation, detail: plural(first.size, 'file') });
    for (const file of first.values()) {
      const other = made.get(file.path);
      if (other !== undefined) throw failed(operation, `makes ${file.path}, which ${other.operation} makes as well`);
      made.set(file.path, file);
    }
  }
  return [...made.values()];
}

async function runOnce(
  context: ResultContext,
  settings: Settings,
  operation: string,
): Promise<Map<string, GeneratedFile>> {
  return await withPrivateCheckout(context, async (checkout) => {
    const { cwd } = settings;
    if (cwd !== undefined && entryAt(context.output, cwd)?.kind !== 'tree') {
      throw failed(operation, `expected a directory ${cwd} to run in, found none in the result tree`);
    }
    const snapshot = await snapshotDirectory(checkout.dir);
    await setTimeout(TICK);
    const result = await runApart(checkout, {
      argv: settings.cmd,
      cwd,
      network: settings.network ?? 'none',
      timeout: settings.timeout ?? TIME_LIMIT,
      signal: context.signal,
    });
    if (!result.ok) {
      const last = result.lines.at(-1);
      const said = last === undefined ? '' : `: ${last}`;
      throw failed(operation, `${settings.cmd.join(' ')}: ${result.how}${said}`, { lines: result.lines });
    }
    const format: ObjectFormat = context.input.id?.length === 64 ? 'sha256' : 'sha1';
    const outputs = settings.outputs.map((glob) => ({ glob, matches: outputMatcher(glob) }));
    const files = new Map<string, GeneratedFile>();
    const strays: string[] = [];
    for (const { path, before, after } of await changesSince(checkout.dir, snapshot, context.output)) {
      const blob = after === undefined ? undefined : hashObject(format, 'blob', after.bytes);
      if (before !== undefined && before.id === blob?.id && before.mode === after?.mode) continue;
      if (!outputs.some(({ matches }) => matches(path))) strays.push(path);
      files.set(path, {
        operation,
        path,
        ...(before === undefined ? {} : { before: before.id }),
        ...(after === undefined || blob === undefined ? {} : { after: { mode: after.mode, blob } }),
      });
    }
    if (strays.length > 0) {
      const more = strays.length > 1 ? ` and ${strays.length - 1} more` : '';
      throw failed(operation, `changed ${strays[0]}${more}, expected changes of ${settings.outputs.join(', ')} only`, {
        changed: strays,
      });
    }
    await demandOutputs(checkout.dir, settings, outputs, operation);
    return files;
  });
}

// An output that is the same as before is fine; one that is not there at all means that the declaration is wrong.
async function demandOutputs(
  dir: string,
  settings: Settings,
  outputs: readonly { glob: string; matches: (path: string) => boolean }[],
  operation: string,
): Promise<void> {
  if (settings.optional === true) return;
  const there = [...(await snapshotDirectory(dir)).keys()];
  const missing = outputs.filter(({ matches }) => !there.some(matches)).map(({ glob }) => glob);
  if (missing.length > 0)
    throw failed(operation, `expected ${missing.join(', ')}, found no such file when it had ended`);
}

function demandSame(
  first: ReadonlyMap<string, GeneratedFile>,
  second: ReadonlyMap<string, GeneratedFile>,
  operation: string,
): void {
  const paths = [...new Set([...first.keys(), ...second.keys()])];
  const facts = (files: ReadonlyMap<string, GeneratedFile>, path: string): string => {
    const after = files.get(path)?.after;
    return after === undefined ? '' : `${after.mode} ${after.blob.id}`;
  };
  const differing = paths.filter((path) => facts(first, path) !== facts(second, path));
  if (differing.length === 0) return;
  throw failed(operation, `made other bytes of ${differing.join(', ')} when it ran a second time`, {
    changed: differing,
  });
}

function outputMatcher(output: string): (path: string) => boolean {
  const matches = compileGlob(output);
  // A directory stands for what is in it.
  return (path) => matches(path) || path.startsWith(`${output.replace(/\/+$/, '')}/`);
}

function failed(operation: string, what: string, details: Record<string, unknown> = {}): BatonError {
  return new BatonError('GENERATOR_FAILED', `${operation}: ${what}`, {
    hint: 'A generator runs in a copy of the new tree, without network, twice. Declare all its outputs, and leave out clocks and random numbers.',
    details,
  });
}
