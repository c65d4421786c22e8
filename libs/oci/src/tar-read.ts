import { BatonError } from '@baton/kernel';
import { type Extract, extract, type Header } from 'tar-stream';
import { pathProblem, type TarHeader } from './tar-entry.ts';
import { invalidLayer, isEndOfArchive, type Records, readExtended, Tail } from './tar-extended.ts';
import { BLOCK, padding } from './tar-header.ts';

/** One entry of an archive that is being read; its body is there until the next entry is asked for. */
export interface TarReadEntry {
  header: TarHeader;
  body: AsyncIterable<Buffer>;
}

type Source = Extract extends AsyncIterable<infer S> ? S : never;

/**
 * Reads an archive entry by entry as its bytes arrive: ustar, pax and GNU long names. A body that is not read is
 * skipped. The entry of the root itself (`./`) is dropped.
 *
 * Throws `LAYER_INVALID` for what is broken or cut off, for names that are absolute, have `..` or are not UTF-8, for
 * sparse files and unknown types, and for entries behind the end of the archive, which readers disagree about. What
 * `source` throws is passed on.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<TarReadEntry> {
  // Latin-1 keeps the bytes of names: whether they are UTF-8 is judged here, not replaced silently.
  const options = { highWaterMark: 256 * 1024, filenameEncoding: 'latin1', allowUnknownFormat: true };
  const parser = extract(options);
  const tail = new Tail(where);
  const globals = new Map<string, Buffer>();
  const feeding = feed(source, parser, tail);
  // The library's own complaints are plain errors; what the source threw goes on as it is.
  const explain = (error: unknown): unknown =>
    feeding.failure() ?? (error instanceof BatonError ? error : invalidLayer(where, reason(error), error));
  try {
    for await (const entry of parser) {
      const records = readExtended(tail.take(entry.offset), globals, where);
      const header = readHeader(entry.header, records, where);
      const content = entry.header.type === 'directory' ? 0 : entry.header.size;
      tail.forget(entry.offset + BLOCK + content + padding(content));
      // The library's stream of a directory that claims to have a size never ends.
      const reading = content === 0 ? undefined : bodyOf(entry, `${where}: "${header?.path ?? '.'}"`, explain);
      if (header !== undefined) yield { header, body: reading?.body ?? nothing() };
      await reading?.skip();
    }
    if (!isEndOfArchive(tail.take(tail.end))) throw invalidLayer(where, 'one that stops without its end mark');
  } catch (error) {
    throw explain(error);
  } finally {
    parser.destroy(null);
    await feeding.done;
  }
}

function feed(
  source: AsyncIterable<Uint8Array>,
  parser: Extract,
  tail: Tail,
): { done: Promise<void>; failure(): unknown } {
  let failure: unknown;
  const pump = async (): Promise<void> => {
    for await (const chunk of source) {
      if (parser.destroyed) return;
      tail.push(chunk);
      if (!parser.write(chunk)) await drained(parser);
      if (parser.destroyed) return;
    }
    parser.end(undefined);
  };
  const done = pump().catch((error: unknown) => {
    failure = error;
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return { done, failure: () => failure };
}

function drained(parser: Extract): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      parser.off('drain', done);
      parser.off('close', done);
      resolve();
    };
    parser.on('drain', done);
    parser.on('close', done);
    if (parser.destroyed) done();
  });
}

// Breaking off a loop over the library's stream would destroy the whole reader, so its iterator is driven by hand.
function bodyOf(
  entry: Source,
  name: string,
  explain: (error: unknown) => unknown,
): { body: AsyncIterable<Buffer>; skip(): Promise<void> } {
  const chunks = (entry as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let state: 'open' | 'read' | 'skipped' = 'open';
  const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
    if (state === 'skipped') throw new BatonError('INTERNAL', `the body of ${name} was read after the next entry`);
    if (state === 'read') return { done: true, value: undefined };
    const result = await chunks.next().catch((error: unknown) => {
      throw explain(error);
    });
    if (result.done !== true) return { done: false, value: result.value };
    state = 'read';
    return { done: true, value: undefined };
  };
  return {
    body: { [Symbol.asyncIterator]: () => ({ next, return: async () => ({ done: true, value: undefined }) }) },
    async skip() {
      if (state === 'read') return;
      while ((await chunks.next()).done !== true);
      state = 'skipped';
    },
  };
}

async function* nothing(): AsyncGenerator<Buffer> {
  // Only files have content.
}

const TYPES: Record<string, TarHeader['type']> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'hardlink',
  symlink: 'symlink',
  directory: 'directory',
  'character-device': 'character',
  'block-device': 'block',
  fifo: 'fifo',
};

function readHeader(raw: Header, records: Records, where: string): TarHeader | undefined {
  const name = text(records.get('path') ?? Buffer.from(raw.name, 'latin1'), where);
  const named = JSON.stringify(name.slice(0, 200));
  const type = TYPES[raw.type === 'file' && name.endsWith('/') ? 'directory' : (raw.type ?? '')];
  if (type === undefined) throw invalidLayer(where, `an entry of an unknown type, ${named}`);
  for (const key of records.keys()) {
    if (key.startsWith('GNU.sparse.')) throw invalidLayer(where, `a sparse file, ${named}, which is not supported`);
  }
  const numbers = readNumbers(raw, records, type, () => named, where);
  const path = cleanPath(name);
  if (path === '' && type === 'directory') return undefined;
  const wrong = path === '' ? 'it is empty' : pathProblem(path);
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
    ...(type === 'character' || type === 'block' ? { device: { major: raw.devmajor, minor: raw.devminor } } : {}),
  };
}

function readNumbers(
  raw: Header,
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
  if (size !== 0 && type !== 'file' && raw.type !== 'directory') {
    throw invalidLayer(where, `a ${type}, ${named()}, that claims to have content`);
  }
  return {
    // Old archives keep the type of the file in the higher bits.
    mode: number('mode', raw.mode) % 0o10000,
    uid: number('uid', raw.uid),
    gid: number('gid', raw.gid),
    mtime: number('mtime', raw.mtime.getTime() / 1000),
    size: type === 'file' ? size : 0,
  };
}

function readLink(
  raw: Header,
  records: Records,
  type: TarHeader['type'],
  path: string,
  where: string,
): { linkTarget?: string } {
  if (type !== 'symlink' && type !== 'hardlink') return {};
  const target = text(records.get('linkpath') ?? Buffer.from(raw.linkname ?? '', 'latin1'), where);
  // Targets of hard links are names of the archive; some tools write them with the root's slash.
  const linkTarget = type === 'symlink' ? target : cleanPath(target.replace(/^\/+/, ''));
  const wrong = type === 'hardlink' || target === '' || target.includes('\0') ? pathProblem(linkTarget) : undefined;
  if (wrong === undefined) return { linkTarget };
  throw invalidLayer(where, `a ${type}, ${JSON.stringify(path)}, to ${JSON.stringify(target.slice(0, 200))}: ${wrong}`);
}

function readXattrs(records: Records): Record<string, Buffer> | undefined {
  const prefix = 'SCHILY.xattr.';
  const found = [...records].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length);
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
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

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
