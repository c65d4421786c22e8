import { BatonError, compareText } from '@baton/kernel';

/** What a tar archive says of one entry besides its content. */
export interface TarHeader {
  /** Relative, separated by `/`; no leading or trailing slash, no empty part, no `.` or `..`. */
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Whole seconds since 1970. */
  mtime: number;
  /** Bytes of content; 0 for all but files. */
  size: number;
  /** Of a symlink: any text. Of a hard link: the path of another entry. */
  linkTarget?: string;
  uname?: string;
  gname?: string;
  xattrs?: Record<string, Buffer>;
  /** Numbers of a character or block device; 0 and 0 when absent. */
  device?: { major: number; minor: number };
}

/** An entry to write: a header, and for a file its bytes or a function that opens them. */
export interface TarEntry extends TarHeader {
  content?: Uint8Array | (() => AsyncIterable<Uint8Array>);
}

/** The most bytes of a path that Linux takes (PATH_MAX). */
const LONGEST_PATH = 4096;

/** Why text cannot be the path of an entry, or undefined when it can. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.startsWith('/')) return 'it is absolute';
  if (path.includes('\0')) return 'it has a zero byte';
  if (!path.isWellFormed()) return 'it is not well-formed Unicode';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `it is longer than ${LONGEST_PATH} bytes`;
  for (const part of path.split('/')) {
    if (part === '..') return 'it leaves its root through ".."';
    if (part === '') return 'it has an empty part';
    if (part === '.') return 'it has the part "."';
  }
  return undefined;
}

/** Why text cannot be the target of a symlink, or undefined when it can; where it leads is another matter. */
export function targetProblem(target: string): string | undefined {
  if (target === '') return 'it is empty';
  if (target.includes('\0')) return 'it has a zero byte';
  if (Buffer.byteLength(target) > LONGEST_PATH) return `it is longer than ${LONGEST_PATH} bytes`;
  return undefined;
}

/** Refuses a header that cannot be written faithfully. Throws `CONTEXT_INVALID` that names the entry. */
export function checkHeader(header: TarHeader): void {
  const wrong = pathProblem(header.path);
  if (wrong !== undefined) fail(header, `its path cannot be in an archive: ${wrong}`);
  if (!isCount(header.mode) || header.mode > 0o7777) fail(header, `its mode ${header.mode} is not within 0 and 0o7777`);
  for (const key of ['uid', 'gid', 'size'] as const) {
    if (!isCount(header[key])) fail(header, `its ${key} ${header[key]} is not a whole number from 0`);
  }
  if (!Number.isSafeInteger(header.mtime)) fail(header, `its time ${header.mtime} is not a whole number of seconds`);
  if (header.type !== 'file' && header.size !== 0) fail(header, `it is a ${header.type} with ${header.size} bytes`);
  checkLink(header);
  for (const text of [header.uname ?? '', header.gname ?? '']) {
    if (text.includes('\0') || !text.isWellFormed()) fail(header, 'its owner has a name that cannot be written');
  }
  for (const name of Object.keys(header.xattrs ?? {})) {
    if (name === '' || /[=\0]/.test(name) || !name.isWellFormed()) {
      fail(header, `its extended attribute ${JSON.stringify(name)} has a name that cannot be written`);
    }
  }
}

function checkLink(header: TarHeader): void {
  const { linkTarget } = header;
  if (header.type !== 'symlink' && header.type !== 'hardlink') {
    if (linkTarget !== undefined) fail(header, `it is a ${header.type} with a link target`);
    return;
  }
  if (linkTarget === undefined || linkTarget === '' || linkTarget.includes('\0') || !linkTarget.isWellFormed()) {
    fail(header, 'it is a link without a target that can be written');
  }
  const wrong = header.type === 'hardlink' ? pathProblem(linkTarget) : undefined;
  if (wrong !== undefined) fail(header, `it is a hard link to ${JSON.stringify(linkTarget)}: ${wrong}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function fail(header: TarHeader, why: string): never {
  throw new BatonError('CONTEXT_INVALID', `cannot write the entry ${JSON.stringify(header.path)}: ${why}`);
}

/**
 * Puts entries into the order of a layer: by the bytes of their paths, so parents come first, and hard links at the end,
 * each after its target. Throws `CONTEXT_INVALID` for a path given twice, an entry below something that is not a
 * directory, and a hard link without its target among the entries.
 */
export function sortEntries<T extends TarHeader>(entries: Iterable<T>): T[] {
  const byPath = new Map<string, T>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) fail(entry, 'the same path comes twice');
    byPath.set(entry.path, entry);
  }
  const sorted = [...byPath.values()].sort((a, b) => compareText(a.path, b.path));
  for (const entry of sorted) {
    for (const above of ancestors(entry.path)) {
      const parent = byPath.get(above);
      if (parent !== undefined && parent.type !== 'directory') fail(entry, `"${above}" above it is a ${parent.type}`);
    }
  }
  const links = sorted.filter((entry) => entry.type === 'hardlink');
  return [...sorted.filter((entry) => entry.type !== 'hardlink'), ...targetsFirst(links, byPath)];
}

/** The paths above a path, nearest first: `a/b`, `a` for `a/b/c`. */
export function* ancestors(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end);
}

function targetsFirst<T extends TarHeader>(links: T[], byPath: ReadonlyMap<string, T>): T[] {
  const placed = new Set<T>();
  for (const link of links) {
    const chain = new Set<T>();
    for (
      let at: T | undefined = link;
      at?.type === 'hardlink' && !placed.has(at);
      at = byPath.get(at.linkTarget ?? '')
    ) {
      if (chain.has(at)) fail(link, 'its hard links lead back to it');
      chain.add(at);
      const target = byPath.get(at.linkTarget ?? '');
      if (target === undefined) fail(at, `it is a hard link to ${JSON.stringify(at.linkTarget)}, which is not there`);
      if (target.type === 'directory') fail(at, `it is a hard link to the directory "${target.path}"`);
    }
    for (const at of [...chain].reverse()) placed.add(at);
  }
  return [...placed];
}
