import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  canonicalJson,
  compareText,
  digestHex,
  errnoOf,
  plural,
  removeTree,
  sha256,
  succeeded,
  sweepTemporaries,
  writeFileAtomic,
} from '@baton/kernel';
import * as z from 'zod';
import { type AptSources, readSources } from './apt-sources.ts';
import type { Apt } from './apt-state.ts';

/** Lists younger than this are fresh. */
const FRESH = 60 * 60 * 1000;

/** A package as the archive has it. */
export interface AptPackage {
  package: string;
  version: string;
  /** 64 hexadecimal digits. */
  sha256: string;
  size: number;
}

/** What the archive answered. */
export interface Lookup {
  found: Map<string, AptPackage>;
  /** What apt said about each thing it does not have. */
  missing: string[];
  /** What a person should know about the answer. */
  notes: string[];
}

const memoSchema = z.array(
  z.strictObject({ package: z.string(), version: z.string(), sha256: z.string(), size: z.number() }),
);

/**
 * Asks the host's archive for packages, each `name` (its newest version) or `name=version`, after refreshing lists that
 * are older than an hour. Call it inside `apt.alone`.
 *
 * An archive that cannot be reached leaves the lists as they are, which apt checked when it got them; a note says so.
 * Packages of one whose signature is missing or wrong are refused. Errors: `PACKAGE_UNAVAILABLE`, `TOOL_MISSING`, `TIMEOUT`, `INTERRUPTED`.
 */
export async function lookUp(apt: Apt, wanted: readonly string[]): Promise<Lookup> {
  for (const dir of [apt.dir, join(apt.dir, 'answers')]) await sweepTemporaries(dir);
  const sources = await readSources(apt);
  const { notes, distrusted } = await refresh(apt, sources);
  const memo = await memoPath(apt, sources, wanted);
  const known = distrusted.length === 0 ? await readMemo(memo) : undefined;
  if (known !== undefined) return { found: byName(known), missing: [], notes };
  const result = await apt.run('apt-get', ['-q', 'download', '--print-uris', ...wanted]);
  const [stdout, stderr] = [result.stdout.toString('utf8'), result.stderr.toString('utf8')];
  const { packages, missing } = parseAnswer(stdout, stderr, [...sources.unsigned, ...distrusted]);
  if (!succeeded(result) && missing.length === 0) throw aptFailed('apt-get download', stderr);
  if (missing.length === 0 && notes.length === 0)
    await writeFileAtomic(memo, canonicalJson(packages.map((p) => ({ ...p }))));
  return { found: byName(packages), missing, notes };
}

/** Reads what `apt-get download --print-uris` says. Errors: `PACKAGE_UNAVAILABLE` for an archive without a signature. */
export function parseAnswer(
  stdout: string,
  stderr: string,
  unsigned: readonly string[],
): { packages: AptPackage[]; missing: string[] } {
  const packages: AptPackage[] = [];
  for (const line of stdout.split('\n')) {
    const [, uri, file, size, hash] = /^'([^']*)' (\S+) (\d+) (\S*)$/.exec(line) ?? [];
    if (uri === undefined || file === undefined) continue;
    const [name = '', version = ''] = file.split('_');
    const [, digits] = /^SHA256:([0-9a-f]{64})$/i.exec(hash ?? '') ?? [];
    if (digits === undefined || unsigned.some((base) => uri.startsWith(base))) {
      throw new BatonError(
        'PACKAGE_UNAVAILABLE',
        `the archive that has the Debian package ${name} is not authenticated`,
        {
          hint: "Sign it and name its key in the host's apt sources: packages of an unsigned archive are never used.",
        },
      );
    }
    packages.push({ package: name, version: unescaped(version), sha256: digits.toLowerCase(), size: Number(size) });
  }
  const missing = stderr
    .split('\n')
    .filter((line) =>
      /^E: (Unable to locate package|Version '|Can't select candidate version|Couldn't find)/.test(line),
    )
    .map((line) => line.slice('E: '.length));
  return { packages, missing };
}

/** What came of refreshing the lists: what to tell, and the archives whose signature apt did not accept. */
interface Refreshed {
  notes: string[];
  distrusted: string[];
}

async function refresh(apt: Apt, sources: AptSources): Promise<Refreshed> {
  const { io } = apt;
  const stamp = stampPath(apt);
  if (io.refresh !== true && (await isFresh(stamp, sources))) return { notes: [], distrusted: [] };
  const event = { id: `debian:${apt.architecture}`, label: `package lists for ${apt.architecture}` };
  io.emit({ type: 'lists.start', ...event });
  const result = await apt.run('apt-get', ['-q', 'update']);
  const problems = updateProblems(result.stdout.toString('utf8'), result.stderr.toString('utf8'));
  if (problems.length === 0 && succeeded(result)) {
    await removeTree(join(apt.dir, 'answers'));
    await writeFileAtomic(stamp, sources.digest);
    io.emit({ type: 'lists.end', ...event });
    return { notes: [], distrusted: [] };
  }
  const distrusted = problems.filter(isDistrust);
  const said = distrusted[0] ?? problems[0] ?? 'apt-get update failed';
  io.emit({ type: 'lists.end', ...event, detail: 'failed' });
  io.emit({ type: 'warn', label: `some package lists for ${apt.architecture} were not refreshed`, detail: said });
  return {
    notes: [`some package lists for ${apt.architecture} were not refreshed: ${said}`],
    distrusted: distrusted.flatMap((line) => line.match(/\b[a-z+]+:\/\S+/g) ?? []),
  };
}

/** What went wrong in `apt-get update`, line by line, what apt only warns of included. */
export function updateProblems(stdout: string, stderr: string): string[] {
  return `${stderr}\n${stdout}`
    .split('\n')
    .filter((line) =>
      /^(E: |Err:|W: (Failed to fetch|Some index files|GPG error|An error occurred|.*not signed))/.test(line),
    )
    .map((line) => line.replace(/^[EW]: /, '').trim());
}

function isDistrust(line: string): boolean {
  return /GPG error|NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|not signed|signatures? (couldn't|were invalid)|is not valid yet|expired/i.test(
    line,
  );
}

async function isFresh(stamp: string, sources: AptSources): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(stamp)).mtimeMs;
    // A clock that was set back makes a stamp from the future: ask again rather than trust it for long.
    return age >= 0 && age < FRESH && (await readFile(stamp, 'utf8')) === sources.digest;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

// An answer holds as long as the lists it came from: the stamp's time names their generation.
async function memoPath(apt: Apt, sources: AptSources, wanted: readonly string[]): Promise<string> {
  const generation = await stat(stampPath(apt), { bigint: true }).then(
    ({ mtimeNs }) => mtimeNs.toString(),
    () => 'none',
  );
  const key = canonicalJson({ generation, sources: sources.digest, wanted: [...wanted].sort(compareText) });
  return join(apt.dir, 'answers', `${digestHex(sha256(key))}.json`);
}

async function readMemo(path: string): Promise<AptPackage[] | undefined> {
  try {
    return memoSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Absent or damaged: apt is asked, and the memo is written again.
    return undefined;
  }
}

function stampPath(apt: Apt): string {
  return join(apt.dir, 'refreshed');
}

function byName(packages: readonly AptPackage[]): Map<string, AptPackage> {
  return new Map(packages.map((item) => [item.package, item]));
}

function unescaped(version: string): string {
  return version.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** What apt said when it failed, as an error. */
export function aptFailed(what: string, said: string): BatonError {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const first = (lines.find((line) => line.startsWith('E: ')) ?? lines[0] ?? 'no message').replace(/^[EW]: /, '');
  return new BatonError('PACKAGE_UNAVAILABLE', `${what} failed: ${first}`, {
    hint: `Check the host's apt sources and its network${lines.length > 1 ? ` (apt said ${plural(lines.length, 'line')})` : ''}.`,
    details: { said: lines.slice(0, 20) },
    retryable: !isDistrust(said),
  });
}
