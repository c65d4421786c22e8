import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, errnoOf, type ProcessResult, redact } from '@baton/kernel';
import type { ObjectId } from '../objects.ts';
import { askGit } from '../run-git.ts';
import { branchRef, lsRemote } from './ls-remote.ts';
import type { Remote } from './remote.ts';
import { remoteFailed, runRemote, withScratch } from './run-remote.ts';

/** Which commit shall be where. */
export interface PushInput extends Remote {
  /** The repository that has the commit: a work tree or a bare one. */
  dir: string;
  commit: ObjectId;
  /** `main` or `refs/heads/main`. */
  branch: string;
  /** What the branch is at on the remote: the lease. Undefined when it must not exist. */
  expect: ObjectId | undefined;
}

/** What a push did. */
export interface PushResult {
  state: 'created' | 'updated' | 'unchanged';
  /** What the remote said to people (`remote: ...` lines). */
  said: readonly string[];
}

/**
 * Puts a commit on a branch of a remote, if that branch still is where it is expected; no hook or configuration of the
 * repository plays a part. A branch that is at the commit already is `unchanged`, whatever was expected.
 *
 * @throws BatonError `REF_MOVED` (the lease is lost; says where the branch is now and who made that commit), `PUSH_REJECTED`
 * (protected branch, hook; says what the remote said), and those of {@link Remote}
 */
export async function pushBranch(input: PushInput): Promise<PushResult> {
  const ref = branchRef(input.branch);
  return await withScratch(async (scratch) => {
    await borrowObjects(input.dir, scratch);
    const result = await runRemote(scratch, input, [
      ...['push', '--porcelain', '--no-verify', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'],
      ...[`--force-with-lease=${ref}:${input.expect ?? ''}`, '--', input.url, `${input.commit}:${ref}`],
    ]);
    const said = remoteLines(result);
    const [flag, summary] = statusOf(result, ref) ?? [];
    if (flag === '=') return { state: 'unchanged', said };
    if (flag === '*') return { state: 'created', said };
    if (flag === ' ' || flag === '+') return { state: 'updated', said };
    if (flag !== '!' || summary === undefined) throw remoteFailed(input, `pushing ${ref} to`, result);
    if (summary.includes('(stale info)')) throw await leaseLost(scratch, input, ref);
    // A lease can also be lost in the moment between: then it is the remote that finds the branch elsewhere.
    if (/failed to update ref|cannot lock ref|fetch first|incorrect old value|reference already exists/.test(summary)) {
      throw await leaseLost(scratch, input, ref);
    }
    throw rejected(input, ref, summary, said);
  });
}

// A repository without refs, hooks or configuration, which sees the objects of another one: whatever a person configured for
// pushing (other addresses, options, hooks, signing, tags that follow) is none of this push.
async function borrowObjects(dir: string, scratch: string): Promise<void> {
  const question = ['rev-parse', '--path-format=absolute', '--show-object-format', '--git-path', 'objects'];
  const answer = (await askGit(dir, question)).toString('utf8');
  const format = answer.slice(0, answer.indexOf('\n'));
  const objects = answer.slice(answer.indexOf('\n') + 1).replace(/\n$/, '');
  await askGit(scratch, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '.']);
  await mkdir(join(scratch, 'objects', 'info'), { recursive: true });
  // Quoted as git reads it, for a path may hold anything.
  await writeFile(
    join(scratch, 'objects', 'info', 'alternates'),
    `"${objects.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"\n`,
  );
  // Where history was cut off, git must know that nothing is missing behind it.
  await copyFile(join(objects, '..', 'shallow'), join(scratch, 'shallow')).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
}

function statusOf(result: ProcessResult, ref: string): [flag: string, summary: string] | undefined {
  for (const line of result.stdout.toString('utf8').split('\n')) {
    const [flag = '', names = '', ...summary] = line.split('\t');
    if (names.endsWith(`:${ref}`)) return [flag, summary.join('\t')];
  }
  return undefined;
}

function remoteLines(result: ProcessResult): string[] {
  return result.stderr
    .toString('utf8')
    .split(/[\r\n]+/)
    .flatMap((line) => (line.startsWith('remote: ') ? [redact(line.slice('remote: '.length).trimEnd())] : []))
    .filter((line) => line !== '');
}

async function leaseLost(scratch: string, input: PushInput, ref: string): Promise<BatonError> {
  const found = (await lsRemote(input, [ref])).refs.get(ref);
  const expected = input.expect?.slice(0, 12) ?? 'absent';
  const by = found === undefined ? undefined : await whoMade(scratch, input, ref, found);
  const now =
    found === undefined ? 'it is gone' : `it is at ${found.slice(0, 12)}${by === undefined ? '' : ` (${by})`}`;
  return new BatonError(
    'REF_MOVED',
    `${ref} of ${input.url} was expected to be ${expected === 'absent' ? expected : `at ${expected}`}, and ${now}`,
    {
      hint: 'Look at what was pushed there: it stays as it is. Keep it, or remove the branch; then run it again.',
      details: { ref, expected: input.expect, found, by },
    },
  );
}

async function whoMade(scratch: string, input: PushInput, ref: string, id: ObjectId): Promise<string | undefined> {
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--depth=1', '--', input.url, ref];
  // Only to tell a person: what cannot be found out is left out.
  if ((await runRemote(scratch, input, fetch)).code !== 0) return undefined;
  const log = await askGit(scratch, ['log', '-1', '--format=%an <%ae>: %s', id, '--']).catch(() => undefined);
  return log?.toString('utf8').trim();
}

function rejected(input: PushInput, ref: string, summary: string, said: readonly string[]): BatonError {
  const reason = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary;
  const first = said.find((line) => /error|denied|protect|not allowed|must|refus/i.test(line)) ?? said[0];
  const why = first === undefined ? reason : `${reason}: ${first.replace(/^error: /, '')}`;
  return new BatonError('PUSH_REJECTED', `${input.url} refused the push of ${ref}: ${why}`, {
    hint: 'Push to a branch that is not protected, or have the rule changed; nothing was moved.',
    details: { ref, reason, said: [...said] },
  });
}
