import { type Commit, identityLine, type ObjectId } from '@baton/git';
import type { CommitDescription } from '../model/manifest.ts';

/** The digest of the manifest that a commit carries out. */
export const MANIFEST_TRAILER = 'Cutover-Manifest';
/** The tree that it read. */
export const INPUT_TRAILER = 'Cutover-Input';
/** The name of the manifest. */
export const NAME_TRAILER = 'Cutover-Name';
/** The commit that an inverse takes back. */
export const REVERT_TRAILER = 'Cutover-Reverts';

/** Name and address of who did it, and when. */
export function identities(
  { author, committer = author, date = 'base' }: CommitDescription,
  base: Commit,
  sourceDateEpoch: number | undefined,
): { author: string; committer: string; seconds: number } {
  const { seconds, offset } = whenOf(date, base, sourceDateEpoch);
  return {
    author: identityLine({ ...author, seconds, offset }),
    committer: identityLine({ ...committer, seconds, offset }),
    seconds,
  };
}

/** The message of a cutover: subject, body, trailers. It ends with a newline. */
export function cutoverMessage(
  description: CommitDescription,
  facts: { digest: string; name: string; input: ObjectId },
): string {
  const { subject, body = '', signoff = false, author } = description;
  const trailers = [
    `${NAME_TRAILER}: ${facts.name}`,
    `${MANIFEST_TRAILER}: ${facts.digest}`,
    `${INPUT_TRAILER}: ${facts.input}`,
    ...(signoff ? [`Signed-off-by: ${author.name} <${author.email}>`] : []),
  ];
  return withTrailers([subject, plain(body)].filter((part) => part !== '').join('\n\n'), trailers);
}

/** A message with trailers at its end, in one block with those that it has: git-interpret-trailers(1) sees the last block alone. */
export function withTrailers(text: string, trailers: readonly string[]): string {
  const last = text.split('\n\n').at(-1) ?? '';
  const isBlock = text.includes('\n\n') && last.split('\n').every((line) => /^[A-Za-z0-9-]+: \S/.test(line));
  return `${text}${isBlock ? '\n' : '\n\n'}${trailers.join('\n')}\n`;
}

// Line endings of the manifest must not be those of the message: a checkout with other ones would make another commit.
function plain(body: string): string {
  return body.replaceAll('\r\n', '\n').replace(/^\n+|\s+$/g, '');
}

function whenOf(date: string, base: Commit, sourceDateEpoch: number | undefined): { seconds: number; offset: string } {
  if (date === 'base') return { seconds: sourceDateEpoch ?? base.time + 1, offset: '+0000' };
  const zone = /([+-]\d\d):?(\d\d)$/.exec(date);
  return {
    seconds: Math.floor(Date.parse(date.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) / 1000),
    offset: zone === null ? '+0000' : `${zone[1]}${zone[2]}`,
  };
}
