import { encodeBase64, repr } from '../python-text/index.ts';

/**
 * The text by which a flag tells what a step was run with (contract, section 7, T14, T15, T16).
 *
 * Standard base64 with padding of `{repr(arguments)}_{repr(returncodes)}`; a `/` in it makes a directory. The arguments are those of
 * the config, before `env:` is resolved and before upgrade versions are appended.
 */
export function marker(stepArguments: readonly string[], returnCodes: readonly (bigint | number)[]): string {
  return encodeBase64(Buffer.from(`${repr([...stepArguments])}_${repr([...returnCodes])}`, 'utf8'));
}
