import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rememberedManifest, reportBuild, reportPublish, unchangedBuild, unchangedPublish } from '@baton/image';
import { cacheDir } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { CommandContext, Outcome } from './command.ts';
import { conduct } from './conduct.ts';
import type { Globals } from './globals.ts';

/** What the fast path understood of a command line. */
export interface FastCall {
  globals: Globals;
  /** Absolute. */
  path: string;
  command: 'build' | 'publish';
  /** Options of the publish; those that a build has as well hold for it. */
  options: Parameters<typeof unchangedPublish>[1];
  /** Options of a build. */
  bundle: boolean;
}

/**
 * The fast path of `image build` and `image publish`: when a stamp tells that nothing changed (and the registry still has
 * what was pushed), says so and returns the exit code; undefined when there is anything to do, or to find out about the
 * command line.
 *
 * It loads no schemas, no YAML and no option parser. All it may answer is "nothing to do": whatever else there is to say,
 * the full command says it.
 */
export async function answerIfUnchanged(call: FastCall): Promise<number | undefined> {
  return await conduct(call.globals, async (context) => {
    try {
      return await answer(call, context);
    } catch (error) {
      if (context.signal.aborted) throw error;
      return undefined;
    }
  });
}

/** The project of a call whose manifest is known to be good from an earlier run; undefined when it must be read in full. */
export function knownProject(call: FastCall): LoadedManifest | undefined {
  return rememberedManifest(call.path, cacheDir(process.env));
}

async function answer(call: FastCall, context: CommandContext): Promise<Outcome | undefined> {
  if (call.command === 'build') {
    const { release, locked, force, dryRun } = call.options;
    const built = unchangedBuild(call.path, { release, locked, force, dryRun, bundle: call.bundle }, context);
    return built === undefined ? undefined : { result: built, text: reportBuild(built) };
  }
  const published = await unchangedPublish(call.path, call.options, context);
  return published === undefined ? undefined : { result: published, text: reportPublish(published) };
}

/** Reads the common forms of `image build` and `image publish`; undefined for every other command line. */
export function readFastCall(argv: readonly string[]): FastCall | undefined {
  // "-C" has no long form, but parseArgs knows none without.
  if (argv.some((word) => word.startsWith('--C'))) return undefined;
  let read: ReturnType<typeof parse>;
  try {
    read = parse(argv);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  const { values, positionals } = read;
  const [group, command, path = '.', ...more] = positionals;
  if (group !== 'image' || (command !== 'build' && command !== 'publish') || more.length > 0) return undefined;
  const foreign = command === 'build' ? [values.build, values.repository] : [values['no-bundle']];
  if (foreign.some((value) => value !== undefined)) return undefined;
  return {
    command,
    globals: {
      json: values.json === true,
      quiet: values.quiet === true,
      verbose: values.verbose === true,
      color: values['no-color'] !== true,
      directory: undefined,
    },
    // Resolved here: entering the directory would be undone by nobody when the full command runs after all.
    path: resolve(values.C ?? '.', path),
    options: {
      build: values.build === true,
      release: values.release,
      repository: values.repository,
      locked: values.locked === true,
      dryRun: false,
      force: false,
    },
    bundle: values['no-bundle'] !== true,
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: {
      build: { type: 'boolean' },
      'no-bundle': { type: 'boolean' },
      locked: { type: 'boolean' },
      release: { type: 'string' },
      repository: { type: 'string' },
      json: { type: 'boolean' },
      quiet: { type: 'boolean' },
      verbose: { type: 'boolean' },
      'no-color': { type: 'boolean' },
      C: { type: 'string', short: 'C' },
    },
  });
}
