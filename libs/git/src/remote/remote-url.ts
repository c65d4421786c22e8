import { BatonError } from '@baton/kernel';
import { gitFailed, runGit } from '../run-git.ts';

/**
 * The address of a remote by its name in the repository at `dir`, as the repository's own configuration has it (with its
 * `insteadOf`); an address is its own.
 *
 * @throws BatonError `USAGE` for a name that is no remote; lists those that there are
 */
export async function remoteUrl(dir: string, name: string): Promise<string> {
  if (!name.startsWith('-')) {
    const result = await runGit(dir, ['remote', 'get-url', '--', name]);
    if (result.code === 0) return result.stdout.toString('utf8').split('\n')[0] ?? '';
    // A path or an address has a slash or a colon; a name may have a slash as well.
    if (/[/:]/.test(name)) return name;
  }
  const known = await runGit(dir, ['remote']);
  if (known.code !== 0) throw gitFailed(dir, ['remote'], known);
  const names = known.stdout.toString('utf8').split('\n').filter(Boolean);
  throw new BatonError('USAGE', `expected a remote of ${dir} or an address, found ${name}`, {
    hint: names.length === 0 ? 'The repository has no remotes: give an address.' : `It has: ${names.join(', ')}.`,
  });
}
