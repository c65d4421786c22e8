import { BatonError } from '@baton/kernel';
import { pathProblem, type TarHeader, targetProblem } from './tar-entry.ts';
import { invalidLayer, type Records, readExtended } from './tar-extended.ts';
import { BLOCK, padding } from './tar-header.ts';
import { decodeBlock, isZero, type RawHeader, readText } from './tar-header-read.ts';
import { ByteSource } from './tar-source.ts';

/** One entry of an archive that is being read; its body is there until the next entry is asked for. */
export interface TarReadEntry {
  header: TarHeader;
  body: AsyncIterable<Buffer>;
}

/** The most bytes of extended headers and long names before one entry; other readers (Go's archive/tar) take no more. */
const MOST_BETWEEN = 1024 * 1024;
/** The most bytes of one name in a directory that file systems of Linux take (NAME_MAX). */
const LONGEST_NAME = 255;

/**
 * Reads an archive entry by entry as its bytes arrive: ustar, pax and GNU long names. A body that is not read is
 * skipped. The entry of the root itself (`./`) is dropped. Pieces of `source` are passed on and never copied whole.
 *
 * Throws `LAYER_INVALID` for what is broken or cut off, for names that are absolute, have `..` or are not UTF-8, for
 * sparse files and unknown types, and for anything but zeros behind the end of the archive, which readers disagree
 * about. What `source` throws is passed on.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<TarReadEntry> {
  const bytes = new ByteSource(source);
  const globals = new Map<string, Buffer>();
  try {
    for (;;) {
      const next = await nextHeader(bytes, globals, where);
      if (next === undefined) break;
      const header = readHeader(next.raw, next.records, where);
      // A directory that claims to have a size has no content.
      const size = header?.type === 'file' ? header.size : 0;
      const content = new Content(bytes, size, `${where}: "${header?.path ?? '.'}"`, where);
      if (header !== undefined) yield { header, body: content };
      await content.skip();
    }
    for (let part = await bytes.part(MOST_BETWEEN); part !== undefined; part = await bytes.part(MOST_BETWEEN)) {
      if (!isZero(part)) throw invalidLayer(where, 'entries behind the zero blocks that end the archive');
    }
  } finally {
    await bytes.close();
  }
}

/** The next entry's header block, and what stands before it; undefined at the end mark. */
async function nextHeader(
  bytes: ByteSource,
  globals: Map<string, Buffer>,
  where: string,
): Promise<{ raw: RawHeader; records: Records } | undefined> {
  const extended: Buffer[] = [];
  const long: { name?: Buffer; link?: Buffer } = {};
  for (let between = 0; ; ) {
    const block = await bytes.take(BLOCK);
    if (block.byteLength < BLOCK) throw invalidLayer(where, 'one that stops without its end mark');
    if (isZero(block)) {
      if (between > 0) throw invalidLayer(where, 'an extended header without an entry');
      return undefined;
    }
    const raw = decodeBlock(block);
    if (raw === undefined) throw invalidLayer(where, 'a header whose checksum is wrong');
    if (!'xgLK'.includes(raw.flag)) {
      const records = extended.length === 0 ? globals : readExtended(Buffer.concat(extended), globals, where);
      return { raw: { ...raw, name: long.name ?? raw.name, link: long.link ?? raw.link }, records };
    }
    between += BLOCK + raw.size;
    // Not a number is refused as well.
    if (!(raw.size >= 0 && between <= MOST_BETWEEN)) {
      throw invalidLayer(where, `${between} bytes of headers in a row, expected at most ${MOST_BETWEEN}`);
    }
    // A copy: the piece that the block lies in may be large, and gone by the time it is looked at.
    const kept = Buffer.from(block);
    const body = await bytes.take(raw.size + padding(raw.size));
    if (body.byteLength < raw.size + padding(raw.size)) throw invalidLayer(where, 'one that is cut off');
    if (raw.flag === 'L') long.name = readText(body, 0, raw.size);
    else if (raw.flag === 'K') long.link = readText(body, 0, raw.size);
    else extended.push(kept, Buffer.from(body));
  }
}

/** The content of one entry; can be read once, and only before the next entry. */
class Content implements AsyncIterable<Buffer>, AsyncIterator<Buffer, undefined> {
  readonly #bytes: ByteSource;
  readonly #name: string;
  readonly #where: string;
  #left: number;
  #behind: number;
  #over = false;

  constructor(bytes: ByteSource, size: number, name: string, where: string) {
    this.#bytes = bytes;
    this.#left = size;
    this.#behind = padding(size);
    this.#name = name;
    this.#where = where;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#left === 0) return { done: true, value: undefined };
    if (this.#over) throw new BatonError('INTERNAL', `the body of ${this.#name} was read after the next entry`);
    const part = await this.#bytes.part(this.#left);
    if (part === undefined) throw invalidLayer(this.#where, 'one that is cut off');
    this.#left -= part.byteLength;
    return { done: false, value: part };
  }

  // Leaving a loop over it early is no end: the rest is skipped.
  async return(): Promise<IteratorResult<Buffer, undefined>> {
    return { done: true, value: undefined };
  }

  async skip(): Promise<void> {
    this.#over = true;
    const whole = await this.#bytes.skip(this.#left + this.#behind);
    if (!whole) throw invalidLayer(this.#where, 'one that is cut off');
    this.#behind = 0;
  }
}

const TYPES: Record<string, TarHeader['type']> = {
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
  '3': 'character',
  '4': 'block',
  '6': 'fifo',
};

function readHeader(raw: RawHeader, records: Records, where: string): TarHeader | undefined {
  const name = text(records.get('path') ?? raw.name, where);
  const named = JSON.stringify(name.slice(0, 200));
  const type = TYPES[raw.flag === '0' && name.endsWith('/') ? '5' : raw.flag];
  if (type === undefined) throw invalidLayer(where, `an entry of an unknown type, ${named}`);
  for (const key of records.keys()) {
    if (key.startsWith('GNU.sparse.')) throw invalidLayer(where, `a sparse file, ${named}, which is not supported`);
  }
  const numbers = readNumbers(raw, records, type, () => named, where);
  const path = cleanPath(name);
  if (path === '' && type === 'directory') return undefined;
  const wrong = path === '' ? 'it is empty' : (pathProblem(path) ?? nameProblem(path));
  if (wrong !== undefined) throw invalidLayer(where, `an entry named ${named}: ${wrong}`);
  const uname = records.get('uname')?.toString() ?? raw.uname;
  const gname = records.get('gname')?.toString() ?? raw.gname;
  const xattrs = readXattrs(records);
  return {
    path,
    type,
    ...numbers,
    ...readLink(raw, records, type, path, where),
    ...(uname === '' ? {} : { uname }),
    ...(gname === '' ? {} : { gname }),
    ...(xattrs === undefined ? {} : { xattrs }),
    ...(type === 'character' || type === 'block' ? { device: readDevice(raw, named, where) } : {}),
  };
}

function readNumbers(
  raw: RawHeader,
  records: Records,
  type: TarHeader['type'],
  named: () => string,
  where: string,
): Pick<TarHeader, 'mode' | 'uid' | 'gid' | 'mtime' | 'size'> {
  const number = (key: 'mode' | 'uid' | 'gid' | 'mtime' | 'size', plain: number): number => {
    const record = records.get(key)?.toString('latin1');
    const pattern = key === 'mtime' ? /^-?[0-9]+(\.[0-9]*)?$/ : /^[0-9]+$/;
    const value = record === undefined ? plain : pattern.test(record) ? Math.floor(Number(record)) : Number.NaN;
    if (!Number.isSafeInteger(value) || (value < 0 && key !== 'mtime')) {
      throw invalidLayer(where, `an entry, ${named()}, whose ${key} is not a number that can be kept`);
    }
    return value;
  };
  const size = number('size', raw.size);
  // Readers disagree on whether such bytes are content or the next header.
  if (size !== 0 && type !== 'file' && raw.flag !== '5') {
    throw invalidLayer(where, `a ${type}, ${named()}, that claims to have content`);
  }
  return {
    // Old archives keep the type of the file in the higher bits.
    mode: number('mode', raw.mode) % 0o10000,
    uid: number('uid', raw.uid),
    gid: number('gid', raw.gid),
    mtime: number('mtime', raw.mtime),
    size: type === 'file' ? size : 0,
  };
}

function readLink(
  raw: RawHeader,
  records: Records,
  type: TarHeader['type'],
  path: string,
  where: string,
): { linkTarget?: string } {
  if (type !== 'symlink' && type !== 'hardlink') return {};
  const target = text(records.get('linkpath') ?? raw.link, where);
  // Targets of hard links are names of the archive; some tools write them with the root's slash.
  const linkTarget = type === 'symlink' ? target : cleanPath(target.replace(/^\/+/, ''));
  const wrong = type === 'hardlink' ? pathProblem(linkTarget) : targetProblem(linkTarget);
  if (wrong === undefined) return { linkTarget };
  throw invalidLayer(where, `a ${type}, ${JSON.stringify(path)}, to ${JSON.stringify(target.slice(0, 200))}: ${wrong}`);
}

function readDevice(raw: RawHeader, named: string, where: string): { major: number; minor: number } {
  const { major, minor } = raw;
  if (isNumber(major) && isNumber(minor)) return { major, minor };
  throw invalidLayer(where, `an entry, ${named}, whose device is not a number that can be kept`);
}

// As many as a header that we write can hold.
function isNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 8 ** 7;
}

function readXattrs(records: Records): Record<string, Buffer> | undefined {
  const prefix = 'SCHILY.xattr.';
  const found = [...records].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length);
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

function nameProblem(path: string): string | undefined {
  const tooLong =
    path.length > LONGEST_NAME / 4 && path.split('/').some((part) => Buffer.byteLength(part) > LONGEST_NAME);
  return tooLong ? `it has a part longer than ${LONGEST_NAME} bytes` : undefined;
}

// "./" before a name, doubled slashes and the slash behind a directory mean nothing.
function cleanPath(name: string): string {
  const parts = name.split('/').filter((part, i) => part !== '.' && (part !== '' || i === 0));
  return parts.join('/');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(bytes: Buffer, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw invalidLayer(
      where,
      `a name that is not UTF-8 (${JSON.stringify(bytes.toString('latin1').slice(0, 200))})`,
      error,
    );
  }
}
