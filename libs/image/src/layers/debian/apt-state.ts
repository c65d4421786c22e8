import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  BatonError,
  ensureDir,
  type ProcessResult,
  runProcess,
  sha256,
  succeeded,
  toolEnv,
  withLock,
  writeFileIfChanged,
} from '@baton/kernel';
import type { SourceIo } from '../resolved-layer.ts';

const TIMEOUT = 15 * 60 * 1000;
const ORPHAN_PATIENCE = 60 * 1000;

/** A private world of apt for one architecture: it reads the host's sources and keys, and writes here alone. */
export interface Apt {
  architecture: string;
  /** Absolute; lists, cache, packages and memos are below it. */
  dir: string;
  io: SourceIo;
  /** Runs a program of apt (`apt-get`, `apt-config`) in this world. */
  run(program: string, args: readonly string[], options?: AptRun): Promise<ProcessResult>;
  /** Runs `work` as the only one on this machine that uses this world. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** How apt is run, besides its arguments. */
export interface AptRun {
  cwd?: string;
  onStdout?: (chunk: Buffer) => void;
}

// Read after the host's own configuration. What is cleared would run the host's hooks, fetch indexes that nobody reads
// here, or add architectures; what is set makes every unsigned or weakly signed archive an error. One digest for all:
// Debian and its relatives differ in the strongest one they list, and the lock holds sha256.
const CONFIGURATION = `#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets;
#clear Acquire::Languages;
Acquire::Languages { "none"; };
Acquire::IndexTargets::deb::Packages {
  MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
  flatMetaKey "Packages";
  ShortDescription "Packages";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
  flatDescription "$(RELEASE) Packages";
  Optional "false";
};
Acquire::ForceHash "sha256";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Get::Assume-Yes "false";
APT::Sandbox::User "root";
`;

/** Opens (and makes, where it is missing) the world for an architecture: `<cacheDir>/v1/debian/<architecture>`. */
export async function openApt(architecture: string, io: SourceIo): Promise<Apt> {
  const dir = join(io.cacheDir, 'v1', 'debian', architecture);
  await ensureDir(join(dir, 'lists', 'partial'));
  await ensureDir(join(dir, 'cache', 'archives', 'partial'));
  const configuration = join(dir, `apt-${sha256(CONFIGURATION).slice('sha256:'.length, 20)}.conf`);
  await writeFileIfChanged(configuration, Buffer.from(CONFIGURATION));
  // No package is installed here: apt must not compare with the host's.
  await writeFileIfChanged(join(dir, 'status'), Buffer.alloc(0));
  const set = [
    `--config-file=${configuration}`,
    ...options({
      'APT::Architecture': architecture,
      'APT::Architectures::': architecture,
      'Dir::State': dir,
      'Dir::State::Lists': join(dir, 'lists'),
      'Dir::State::status': join(dir, 'status'),
      'Dir::Cache': join(dir, 'cache'),
      'Dir::Cache::pkgcache': 'pkgcache.bin',
      'Dir::Cache::srcpkgcache': '',
    }),
  ];
  return {
    architecture,
    dir,
    io,
    run: (program, args, how = {}) => runApt(program, [...set, ...args], how, io),
    alone: (work) =>
      withLock(`debian:${dir}`, work, {
        signal: io.signal,
        onWait: () => io.emit({ type: 'note', label: `another run uses the Debian packages for ${architecture}` }),
      }),
  };
}

function options(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

async function runApt(program: string, args: string[], how: AptRun, io: SourceIo): Promise<ProcessResult> {
  const started = performance.now();
  for (;;) {
    const result = await runOnce(program, args, how, io);
    // A run that was killed leaves its apt behind for a moment, and that one holds apt's own lock on the lists.
    const locked = !succeeded(result) && /^E: Could not get lock /m.test(result.stderr.toString('utf8'));
    if (!locked || performance.now() - started > ORPHAN_PATIENCE) return result;
    await setTimeout(200, undefined, { signal: io.signal });
  }
}

async function runOnce(program: string, args: string[], how: AptRun, io: SourceIo): Promise<ProcessResult> {
  try {
    return await runProcess({
      command: program,
      args,
      env: aptEnv(io.env),
      signal: io.signal,
      timeout: TIMEOUT,
      ...how,
    });
  } catch (error) {
    throw explainMissing(error);
  }
}

/** The environment for apt and dpkg: an ordinary tool's, and the variable that names another apt configuration. */
export function aptEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return toolEnv({
    ...(env.PATH === undefined ? {} : { PATH: env.PATH }),
    ...(env.APT_CONFIG === undefined ? {} : { APT_CONFIG: env.APT_CONFIG }),
  });
}

/** A missing apt or dpkg means that this is no Debian host, and says what to do then; other errors stay as they are. */
export function explainMissing(error: unknown): unknown {
  if (!(error instanceof BatonError) || error.code !== 'TOOL_MISSING') return error;
  return new BatonError('TOOL_MISSING', `a Debian layer needs apt-get and dpkg-deb: ${error.message}`, {
    hint: 'Build it on a Debian or Ubuntu host, or take a ready-made base from a registry: base: { ref: NAME@sha256:... }.',
    cause: error,
  });
}
