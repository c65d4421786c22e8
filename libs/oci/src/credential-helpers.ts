import { BatonError, runProcess } from '@baton/kernel';
import { helperServer } from './credentials-file.ts';
import { type Credentials, TOKEN_USER } from './credentials-forms.ts';
import { clean } from './registry-errors.ts';

/** Milliseconds for an answer: a key ring may have to ask for its password. */
const PATIENCE = 60_000;

/**
 * Asks `docker-credential-<name> get` for the credentials of a host: the host on its standard input, the answer on its
 * standard output, nothing secret in its arguments (docker/docker-credential-helpers, "Credential helper protocol").
 *
 * Undefined when the helper says that it knows none. It gets the whole of `env`, for that is how helpers of clouds and
 * key rings learn what they need. Throws `CREDENTIALS_INVALID`, naming the program and the file, when it is not
 * installed, fails, hangs or answers with something else.
 */
export async function askHelper(
  name: string,
  host: string,
  from: { file: string; env: NodeJS.ProcessEnv; patience?: number },
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const fault = (what: string, hint: string, cause?: unknown): BatonError =>
    new BatonError('CREDENTIALS_INVALID', `${program}, named in ${from.file} for ${host}, ${what}`, {
      hint,
      details: { program, path: from.file, host },
      cause,
    });
  const result = await runProcess({
    command: program,
    args: ['get'],
    env: from.env,
    stdin: Buffer.from(helperServer(host)),
    timeout: from.patience ?? PATIENCE,
    maxOutput: 1024 * 1024,
  }).catch((error: unknown) => {
    if (!(error instanceof BatonError)) throw error;
    if (error.code === 'TOOL_MISSING') {
      throw fault('is not installed', `Install ${program}, or take it out of ${from.file}.`, error);
    }
    const run = `Unlock the key ring, or see what it says by hand: ${program} list`;
    if (error.code === 'TIMEOUT')
      throw fault(`did not answer within ${(from.patience ?? PATIENCE) / 1000} s`, run, error);
    throw error.code === 'INTERRUPTED' ? error : fault(`could not be run: ${clean(error.message)}`, run, error);
  });
  const said = result.stdout.toString('utf8').trim();
  if (result.code !== 0) {
    if (/credentials not found/i.test(said)) return undefined;
    // A helper prints what went wrong where it would print the secret: never show what could be one.
    const words = [said, result.stderr.toString('utf8').trim()].find(
      (text) => text !== '' && !/secret|^\s*[{[]/i.test(text),
    );
    const how = result.code === null ? `was ended by ${result.signal}` : `failed with exit code ${result.code}`;
    const first = words === undefined ? '' : `: ${clean(words.split('\n')[0] ?? '')}`;
    throw fault(`${how}${first}`, `Sign in again with docker login ${host}, or mend the helper.`);
  }
  const found = read(said);
  if (found === 'unreadable') {
    throw fault('answered with something that is not its JSON', 'Check that it is a credential helper, or update it.');
  }
  return found;
}

function read(text: string): Credentials | 'unreadable' | undefined {
  let answer: { Username?: unknown; Secret?: unknown } | null;
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    return 'unreadable';
  }
  const { Username: username = '', Secret: secret = '' } = answer ?? {};
  if (typeof username !== 'string' || typeof secret !== 'string') return 'unreadable';
  if (secret === '') return undefined;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}
