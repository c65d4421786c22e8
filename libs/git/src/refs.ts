import { BatonError, effect, type ProcessResult } from '@baton/kernel';
import type { Head, RefUpdate } from './object-store.ts';
import type { ObjectId } from './objects.ts';
import { askGit, gitFailed, runGit } from './run-git.ts';

/** Where `HEAD` of a repository or work tree is. */
export async function readHead(dir: string): Promise<Head> {
  const [branch, commit] = await Promise.all([
    runGit(dir, ['symbolic-ref', '--quiet', 'HEAD']),
    runGit(dir, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
  ]);
  if (branch.code !== 0 && branch.code !== 1) throw gitFailed(dir, ['symbolic-ref', 'HEAD'], branch);
  if (commit.code !== 0 && commit.code !== 1) throw gitFailed(dir, ['rev-parse', 'HEAD'], commit);
  return { branch: line(branch), commit: line(commit) };
}

/** Full names of refs and what they point to, sorted by name. */
export async function listRefs(dir: string, prefix = 'refs'): Promise<ReadonlyMap<string, ObjectId>> {
  const out = await askGit(dir, ['for-each-ref', '--format=%(objectname) %(refname)', prefix]);
  const refs = new Map<string, ObjectId>();
  for (const entry of out.toString('utf8').split('\n')) {
    const space = entry.indexOf(' ');
    if (space !== -1) refs.set(entry.slice(space + 1), entry.slice(0, space));
  }
  return refs;
}

/** What a ref points to. */
export async function readRef(dir: string, ref: string): Promise<ObjectId | undefined> {
  if (ref === 'HEAD') return (await readHead(dir)).commit;
  // Wildcards cannot be part of a name, and would be taken as a pattern.
  if (!ref.startsWith('refs/') || /[*?[\\\n]/.test(ref)) return undefined;
  return (await listRefs(dir, ref)).get(ref);
}

/** Moves a ref, or says why not; see `ObjectStore.updateRef`. `zero` is the id that stands for none. */
export async function updateRef(dir: string, zero: ObjectId, update: RefUpdate): Promise<void> {
  const { ref, to, from, reason, committer } = update;
  // Git takes any word for a file of its own directory.
  if (ref !== 'HEAD' && !ref.startsWith('refs/')) {
    throw new BatonError('REF_REFUSED', `expected the full name of a ref, found ${JSON.stringify(ref)}`, {
      hint: 'Write it from the start: refs/heads/main.',
    });
  }
  if (ref === 'HEAD') {
    const { branch } = await readHead(dir);
    // Git would make it a detached one.
    if (branch !== undefined) throw new BatonError('REF_REFUSED', `HEAD is on ${branch}: that is what has to be moved`);
  }
  const [, name = 'Baton', email = 'baton@localhost'] = /^(.+) <([^>]*)>/.exec(committer) ?? [];
  const args = ['update-ref', '--no-deref', '-m', reason, '--', ref, to, from ?? zero];
  // Never ended from outside: git would leave its lock behind.
  const env = { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
  const result = await effect('ref', ref, () => runGit(dir, args, { hooks: true, env, timeout: 0 }));
  if (result.code === 0) return;
  const now = await readRef(dir, ref);
  if (now !== from) {
    throw new BatonError(
      'REF_MOVED',
      `${ref} is at ${now ?? 'no commit'}, and was ${from ?? 'absent'} when the plan was made`,
      {
        hint: 'Somebody moved it meanwhile: make the plan again on what is there now.',
        details: { ref, expected: from ?? null, found: now ?? null },
      },
    );
  }
  throw new BatonError('REF_REFUSED', `${ref} in ${dir} was not moved to ${to}: ${refusal(result)}`, {
    hint: hintFor(result.stderr.toString('utf8')),
    details: { ref, stderr: result.stderr.toString('utf8').slice(0, 4000) },
  });
}

// What a hook printed comes first, then git's own line.
function refusal(result: ProcessResult): string {
  const said = result.stderr.toString('utf8').trim().split('\n').filter(Boolean);
  const text = said.map((one) => one.replace(/^(fatal|error): (update_ref failed for ref '[^']*': )?/, '')).join('; ');
  return text === '' ? `git ended with ${result.code ?? result.signal}` : text.slice(0, 1000);
}

function hintFor(said: string): string {
  if (said.includes('.lock'))
    return 'Another git command is moving it, or one was killed: wait, or remove the lock file that is named.';
  if (said.includes('aborted by hook')) return "The repository's own reference-transaction hook refused it.";
  return 'Nothing was changed but for objects that no ref names; git gc removes them in time.';
}

function line(result: ProcessResult): string | undefined {
  return result.code === 0 ? result.stdout.toString('utf8').trimEnd() : undefined;
}
