import { homedir } from 'node:os';
import { join } from 'node:path';
import { BatonError, type ProcessResult, runProcess, toolEnv, writeFileAtomic } from '@baton/kernel';
import { hashObject } from '../hash-object.ts';
import type { NewObject, ObjectFormat } from '../objects.ts';
import { withScratch } from '../remote/run-remote.ts';

/** How and with which key. */
export interface SigningKey {
  format: 'openpgp' | 'ssh';
  /** For gpg: fingerprint, key id or mail; for ssh: the path of a private (or, with an agent, public) key, or `key::ssh-ed25519 ...`. */
  key: string;
}

/**
 * Signs a commit that {@link commitObject} made (unsigned) and gives the signed one; both have the same unsigned payload.
 *
 * @throws BatonError `SIGNING_FAILED` with what the program said, `TOOL_MISSING`
 */
export async function signCommit(format: ObjectFormat, commit: NewObject, key: SigningKey): Promise<NewObject> {
  const payload = Buffer.from(commit.bytes);
  const end = payload.indexOf('\n\n');
  const name = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
  if (commit.type !== 'commit' || end === -1 || /^gpgsig/m.test(payload.toString('latin1', 0, end))) {
    throw new BatonError('SIGNING_FAILED', `expected an unsigned commit, found ${commit.type} ${commit.id}`);
  }
  if (key.key === '') throw new BatonError('SIGNING_FAILED', 'no key is named to sign with');
  const signature =
    key.format === 'openpgp' ? await signWithGpg(payload, key.key) : await signWithSsh(payload, key.key);
  // The last header, each further line begun by a space; gitformat-signature(5).
  const header = `${name} ${signature.replaceAll('\r', '').trimEnd().replaceAll('\n', '\n ')}\n`;
  const bytes = Buffer.concat([payload.subarray(0, end + 1), Buffer.from(header), payload.subarray(end + 1)]);
  return hashObject(format, 'commit', bytes);
}

async function signWithGpg(payload: Buffer, key: string): Promise<string> {
  const args = ['--status-fd=2', '--batch', '--no-tty', '--armor', '--detach-sign', '--local-user', key];
  const result = await runProcess({ command: 'gpg', args, env: signingEnv(), stdin: payload, timeout: 120_000 });
  const said = result.stderr.toString('utf8');
  if (result.code !== 0 || !/^\[GNUPG:\] SIG_CREATED /m.test(said)) throw failed('gpg', key, result);
  return result.stdout.toString('latin1');
}

async function signWithSsh(payload: Buffer, key: string): Promise<string> {
  return await withScratch(async (dir) => {
    const literal = key.startsWith('key::') ? key.slice('key::'.length) : key.startsWith('ssh-') ? key : undefined;
    const file = literal === undefined ? key.replace(/^~\//, `${homedir()}/`) : join(dir, 'key.pub');
    // A public key alone means that an agent has the private one.
    if (literal !== undefined) await writeFileAtomic(file, `${literal}\n`);
    const args = ['-Y', 'sign', '-n', 'git', '-f', file, ...(literal === undefined ? [] : ['-U'])];
    const result = await runProcess({
      command: 'ssh-keygen',
      args,
      env: signingEnv(),
      stdin: payload,
      timeout: 120_000,
    });
    if (result.code !== 0) throw failed('ssh-keygen', key, result);
    return result.stdout.toString('latin1');
  });
}

function signingEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of ['GNUPGHOME', 'GPG_TTY', 'SSH_AUTH_SOCK', 'DISPLAY', 'WAYLAND_DISPLAY']) {
    if (process.env[name] !== undefined) env[name] = process.env[name];
  }
  return toolEnv(env);
}

function failed(program: string, key: string, result: ProcessResult): BatonError {
  const lines = result.stderr
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('[GNUPG:]'));
  return new BatonError(
    'SIGNING_FAILED',
    `${program} could not sign with ${key}: ${lines[0] ?? `exit code ${result.code}`}`,
    {
      hint: 'Check that the secret key is here and not locked (an agent can hold it open), or leave "sign" out.',
      details: { said: lines.slice(0, 10) },
    },
  );
}
