import type { ObjectId } from '../objects.ts';
import type { Remote } from './remote.ts';
import { remoteFailed, runRemote, withScratch } from './run-remote.ts';

/** The refs of a remote repository. */
export interface RemoteRefs {
  /** The branch that HEAD names: `refs/heads/main`; undefined when it names none that exists. */
  head: string | undefined;
  /** Full names, without peeled tags. */
  refs: ReadonlyMap<string, ObjectId>;
}

/** Asks a remote for its refs; `prefixes` (`refs/heads/main`, `refs/tags/agent/`) keeps those that begin with one of them. */
export async function lsRemote(remote: Remote, prefixes: readonly string[] = []): Promise<RemoteRefs> {
  // Outside of any repository, so that no configuration counts.
  const result = await withScratch((dir) =>
    runRemote(dir, remote, ['ls-remote', '--symref', '--', remote.url], { env: { GIT_CEILING_DIRECTORIES: dir } }),
  );
  if (result.code !== 0) throw remoteFailed(remote, 'listing the branches of', result);
  const refs = new Map<string, ObjectId>();
  let head: string | undefined;
  for (const line of result.stdout.toString('utf8').split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (name === 'HEAD' && value.startsWith('ref: ')) head = value.slice('ref: '.length);
    else if (name.startsWith('refs/') && !name.endsWith('^{}') && isWanted(name, prefixes)) refs.set(name, value);
  }
  return { head, refs };
}

function isWanted(name: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
}

/** The full name of a branch: `main` and `refs/heads/main` are one. */
export function branchRef(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
}
