import { BatonError } from '@baton/kernel';
import { hashObject } from './hash-object.ts';
import type { NewObject, ObjectFormat, ObjectId } from './objects.ts';

/** What a new commit says. */
export interface CommitFields {
  tree: ObjectId;
  parents: readonly ObjectId[];
  /** As {@link identityLine} writes it: `Name <mail> 1714550000 +0000`. */
  author: string;
  committer: string;
  /** Ends with a newline; one is added when it is missing. */
  message: string;
}

/** A commit as it was read. */
export interface Commit {
  id: ObjectId;
  tree: ObjectId;
  parents: readonly ObjectId[];
  /** `Name <mail> 1714550000 +0000`, as it stands there. */
  author: string;
  committer: string;
  /** When it was committed, in seconds since 1970. */
  time: number;
  message: string;
  /** All headers in order, continuation lines joined by newlines: `tree`, `parent`, `gpgsig`, ... */
  headers: readonly (readonly [name: string, value: string])[];
  bytes: Buffer;
}

/** Who made a commit, and when. */
export interface Identity {
  name: string;
  email: string;
  /** Since 1970. */
  seconds: number;
  /** `+0000` when left out. */
  offset?: string;
}

/**
 * The line of an author or committer, as git reads it back.
 *
 * @throws BatonError `GIT_FAILED` for a name or address that would break the line: empty, `<`, `>`, control characters, spaces
 * around it; for a time that is no whole number of seconds since 1970
 */
export function identityLine({ name, email, seconds, offset = '+0000' }: Identity): string {
  for (const [what, value] of [
    ['name', name],
    ['email', email],
  ] as const) {
    if (value === '' || value !== value.trim() || /[<>\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) {
      throw new BatonError(
        'GIT_FAILED',
        `${JSON.stringify(value)} cannot be the ${what} of a commit's author or committer`,
      );
    }
  }
  if (!Number.isSafeInteger(seconds) || seconds < 0 || !/^[+-][0-9]{4}$/.test(offset)) {
    throw new BatonError('GIT_FAILED', `${seconds} ${offset} is no time of a commit: seconds since 1970 and +hhmm`);
  }
  return `${name} <${email}> ${seconds} ${offset}`;
}

const IDENTITY = /^[^<>\n\0]+ <[^<>\n\0]*> [0-9]+ [+-][0-9]{4}$/;

/**
 * The object of a commit; nothing is written.
 *
 * @throws BatonError `GIT_FAILED` for a field that would make it another commit than it says
 */
export function commitObject(format: ObjectFormat, fields: CommitFields): NewObject {
  const { tree, parents, author, committer, message } = fields;
  const id = format === 'sha1' ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/;
  const wrong =
    [tree, ...parents].find((one) => !id.test(one)) ?? [author, committer].find((one) => !IDENTITY.test(one));
  if (wrong !== undefined) {
    throw new BatonError('GIT_FAILED', `${JSON.stringify(wrong)} is no ${format} id, author or committer of a commit`);
  }
  if (message.includes('\0') || !message.isWellFormed()) {
    throw new BatonError('GIT_FAILED', 'the message of a commit is text without NUL');
  }
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  lines.push(`author ${author}`, `committer ${committer}`, '', message.endsWith('\n') ? message : `${message}\n`);
  return hashObject(format, 'commit', Buffer.from(lines.join('\n'), 'utf8'));
}

/** Reads a commit object. @throws BatonError `GIT_FAILED` when it is none */
export function parseCommit(id: ObjectId, bytes: Buffer): Commit {
  const end = bytes.indexOf('\n\n');
  const head = bytes.subarray(0, end === -1 ? bytes.byteLength : end).toString('utf8');
  const headers = head
    .replaceAll('\n ', '\0')
    .split('\n')
    .map((line): [string, string] => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1).replaceAll('\0', '\n')];
    });
  const all = (name: string): string[] => headers.flatMap(([key, value]) => (key === name ? [value] : []));
  const [tree] = all('tree');
  const [author] = all('author');
  const [committer] = all('committer');
  if (tree === undefined || author === undefined || committer === undefined) {
    throw new BatonError('GIT_FAILED', `${id} does not read as a commit: it lacks a tree, author or committer`);
  }
  const latin = /^(iso-?8859-1|latin-?1)$/i.test(all('encoding')[0] ?? '');
  return {
    id,
    tree,
    parents: all('parent'),
    author,
    committer,
    time: Number(/> ([0-9]+) [+-][0-9]+$/.exec(committer)?.[1] ?? 0),
    message: end === -1 ? '' : bytes.subarray(end + 2).toString(latin ? 'latin1' : 'utf8'),
    headers,
    bytes,
  };
}

/** The bytes of a commit without its signature (`gpgsig`, `gpgsig-sha256`): what was signed. */
export function unsignedPayload(commit: Uint8Array): Buffer {
  const bytes = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength);
  const kept: Buffer[] = [];
  let skipping = false;
  for (let at = 0; at < bytes.byteLength; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.byteLength : newline + 1;
    if (newline === at) return Buffer.concat([...kept, bytes.subarray(at)]);
    const line = bytes.subarray(at, end);
    skipping = line[0] === 0x20 ? skipping : /^gpgsig(-sha256)? /.test(line.subarray(0, 16).toString('latin1'));
    if (!skipping) kept.push(line);
    at = end;
  }
  return Buffer.concat(kept);
}
