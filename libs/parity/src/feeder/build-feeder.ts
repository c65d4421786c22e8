import { access, chmod, constants, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  cacheDir,
  digestHex,
  effect,
  ensureDir,
  removeFile,
  runProcess,
  sha256,
  succeeded,
  sweepTemporaries,
  temporaryName,
  toBatonError,
  toolEnv,
} from '@baton/kernel';

/** Where the feeder comes from. */
export interface BuildFeederOptions {
  /** Baton's cache directory. */
  cache?: string;
  /** Compilers that are tried in this order; `$CC`, or cc, gcc and clang unless given. */
  compilers?: readonly string[];
}

/**
 * The path of the feeder's program: built from its source by the C compiler of this machine, once for each source, into
 * the user's cache.
 *
 * Throws `FEEDER_UNAVAILABLE` where there is no compiler, or none that can do it (Linux on x86-64 and arm64 only).
 */
export async function buildFeeder(options: BuildFeederOptions = {}): Promise<string> {
  const { cache = cacheDir(), compilers = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'] } = options;
  const source = await readFile(SOURCE);
  const key = sha256([sha256(source), process.arch, ...FLAGS].join(' '));
  const directory = join(cache, 'feeder');
  const program = join(directory, digestHex(key).slice(0, 32));
  if (await isThere(program)) return program;
  if (process.platform !== 'linux') throw unavailable(`this is ${process.platform}, and the feeder is for Linux`);
  await ensureDir(directory);
  await sweepTemporaries(directory);
  const built = temporaryName(program);
  try {
    await compile(compilers, built);
    await effect('rename', program, () => rename(built, program));
  } finally {
    await removeFile(built);
  }
  return program;
}

async function compile(compilers: readonly string[], target: string): Promise<void> {
  const reasons: string[] = [];
  for (const command of compilers) {
    const spec = { command, args: [...FLAGS, '-o', target, SOURCE], env: toolEnv(), timeout: 60_000 };
    const ran = await runProcess(spec).catch((error: unknown) => toBatonError(error));
    if (ran instanceof BatonError) {
      reasons.push(ran.message);
    } else if (succeeded(ran)) {
      return await chmod(target, 0o755);
    } else {
      const said = ran.stderr.toString('utf8').trim().split('\n')[0] ?? '';
      reasons.push(`${command} ended with ${ran.code ?? ran.signal}: ${said}`);
    }
  }
  throw unavailable(reasons.join('; '));
}

function unavailable(reason: string): BatonError {
  return new BatonError('FEEDER_UNAVAILABLE', `the feeder is not built and cannot be built here: ${reason}`, {
    hint: 'Install gcc or clang (no C library is needed), or name a compiler in CC. With BATON_FEEDER=script a shell script takes its place, which does not know when a reader is idle.',
  });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

// In a package it lies beside the bundle.
const SOURCE = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../../feeder' : '.', 'feeder.c');
// No C library and no headers; nothing in it depends on the machine that builds it.
const FLAGS = [
  '-std=gnu11',
  '-Os',
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-stack-protector',
  '-fno-pie',
  '-no-pie',
  '-fno-asynchronous-unwind-tables',
  '-Wl,--build-id=none',
  '-Wl,-z,noexecstack',
  '-s',
];
