import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { BatonError, redact, runProcess, succeeded } from '@baton/kernel';
import type { PrivateCheckout } from './private-checkout.ts';

/** A command of a manifest. */
export interface ApartCommand {
  argv: readonly string[];
  /** Directory below the checkout. */
  cwd: string | undefined;
  network: 'none' | 'host';
  /** Seconds. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** How a command ended. */
export interface ApartResult {
  ok: boolean;
  /** `exit code 2`, `no program "go" on the PATH`, `did not end within 10 s`. */
  how: string;
  /** The last lines that it printed, both streams, secrets taken out. */
  lines: readonly string[];
  /** Why it could reach the network although it should not; undefined when it could not, or was allowed to. */
  networkNote: string | undefined;
}

const KEPT_BYTES = 64 * 1024;
const KEPT_LINES = 40;

/**
 * Runs a command in a private checkout, in a process group that ends with it or at the time limit. Its environment is PATH, a home
 * and a place for temporary files of its own, the C locale and UTC: nothing else of this machine. Without network it has a network
 * namespace of its own, in which only the loopback device is there, where this machine lets it.
 *
 * @throws BatonError `INTERRUPTED`
 */
export async function runApart(checkout: PrivateCheckout, command: ApartCommand): Promise<ApartResult> {
  const enter = command.network === 'host' ? { words: [] } : await networkNamespace();
  const networkNote = 'why' in enter ? `the network was not cut off: ${enter.why}` : undefined;
  const [program = '', ...args] = command.argv;
  if ((await findProgram(program, join(checkout.dir, command.cwd ?? ''))) === undefined) {
    return { ok: false, how: `no program "${program}" on the PATH`, lines: [], networkNote };
  }
  const words = [...('words' in enter ? enter.words : []), program, ...args];
  const output = tail();
  try {
    const result = await runProcess({
      command: words[0] ?? '',
      args: words.slice(1),
      cwd: join(checkout.dir, command.cwd ?? ''),
      env: environmentOf(checkout),
      timeout: command.timeout * 1000,
      signal: command.signal,
      onStdout: output.keep,
      onStderr: output.keep,
    });
    const how = result.signal === null ? `exit code ${result.code}` : `ended by ${result.signal}`;
    return { ok: succeeded(result), how, lines: output.lines(), networkNote };
  } catch (error) {
    if (!(error instanceof BatonError) || error.code === 'INTERRUPTED') throw error;
    const how = error.code === 'TIMEOUT' ? `did not end within ${command.timeout} s` : error.message;
    return { ok: false, how, lines: output.lines(), networkNote };
  }
}

/** The path of a program: by name on the PATH, else as it is from a directory. */
export async function findProgram(program: string, directory: string): Promise<string | undefined> {
  const places = program.includes('/')
    ? [isAbsolute(program) ? program : join(directory, program)]
    : (process.env.PATH ?? '').split(delimiter).map((place) => join(place === '' ? '.' : place, program));
  for (const path of places) {
    const isHere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isHere) return path;
  }
  return undefined;
}

function environmentOf({ home, temporary }: PrivateCheckout): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, TMPDIR: temporary, LC_ALL: 'C', LANG: 'C', TZ: 'UTC' };
}

function tail(): { keep(chunk: Buffer): void; lines(): string[] } {
  let kept = Buffer.alloc(0);
  return {
    keep(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (kept.byteLength > 2 * KEPT_BYTES) kept = kept.subarray(kept.byteLength - KEPT_BYTES);
    },
    lines: () =>
      redact(kept.toString('utf8'))
        .trimEnd()
        .split('\n')
        .slice(-KEPT_LINES)
        .filter((line) => line !== ''),
  };
}

let answer: Promise<{ words: string[] } | { why: string }> | undefined;

/** The words in front of a command that take the network away from it, or why there are none here; asked once. */
function networkNamespace(): Promise<{ words: string[] } | { why: string }> {
  answer ??= probe();
  return answer;
}

// Many a test talks to itself over loopback, which a new namespace has switched off.
const LOOPBACK = ['sh', '-c', 'ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null; exec "$@"', 'sh'];

async function probe(): Promise<{ words: string[] } | { why: string }> {
  const ways =
    process.getuid?.() === 0
      ? [[]]
      : [
          ['--user', '--map-current-user'],
          ['--user', '--map-root-user'],
        ];
  let why = 'there is no unshare(1) here';
  for (const flags of ways) {
    const words = ['unshare', ...flags, '--net', '--', ...LOOPBACK];
    try {
      const env = { PATH: process.env.PATH, LC_ALL: 'C' };
      const result = await runProcess({ command: 'unshare', args: [...words.slice(1), 'true'], env, timeout: 10_000 });
      if (succeeded(result)) return { words };
      why = result.stderr.toString('utf8').trim().split('\n')[0] ?? why;
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      if (error.code !== 'TOOL_MISSING') why = error.message;
    }
  }
  return { why };
}
