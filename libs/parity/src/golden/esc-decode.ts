import { damaged, LETTERS, LONGEST_ESCAPE, TOKEN_NAME } from './esc-syntax.ts';

const LF = 0x0a;
const BACKSLASH = 0x5c;
const BYTES_OF: ReadonlyMap<string, number> = new Map([...LETTERS].map(([byte, letter]) => [letter, byte]));

/** Turns the text of an `.esc` file back into bytes, piece by piece. */
export interface EscDecoder {
  /** Bytes of the file in; bytes of the channel out. */
  push(text: Buffer): Buffer;
  /** The rest; the text must be whole. */
  end(): Buffer;
}

/**
 * A decoder that takes what our encoder writes and nothing else: anything that could be written in two ways is refused in one of them.
 * Throws `GOLDEN_DAMAGED` with the line.
 *
 * @param where the file, for errors
 * @param tokenValue the bytes that a token stands for; undefined when it is not in the table
 * @param form `file`: the text of an `.esc` file, whose last line ends in an LF; `part`: any escaped text, without `\c`
 */
export function escDecoder(
  where: string,
  tokenValue: (name: string) => Buffer | undefined,
  form: 'file' | 'part' = 'file',
): EscDecoder {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let ended = false; // behind `\c`
  let last = LF;

  const refuse = (problem: string): Error => damaged(where, `${problem}, line ${line}`);

  const decode = (text: Buffer, final: boolean): Buffer => {
    const out: Buffer[] = [];
    let plain = 0;
    let at = 0;
    const flush = (): void => void out.push(text.subarray(plain, at));
    while (at < text.length) {
      const byte = text[at] ?? 0;
      if (ended && !(byte === LF && last === 0)) throw refuse('goes on behind its end \\c');
      if (byte !== BACKSLASH) {
        if (byte === 0x0d) throw refuse('has a carriage return: its line ends were converted');
        if (byte > 0x7e || (byte < 0x20 && byte !== LF))
          throw refuse(`has the byte 0x${hex(byte)}, which is not escaped`);
        // The LF behind `\c` is the file's and not the channel's.
        if (ended) {
          flush();
          plain = at + 1;
        }
        if (byte === LF) line++;
        last = byte;
        at++;
        continue;
      }
      const written = text.toString('latin1', at, at + LONGEST_ESCAPE);
      const found = read(written);
      if (found === undefined) {
        if (!final && text.length - at < LONGEST_ESCAPE) break;
        throw refuse(`has ${JSON.stringify(written.slice(0, 12))}, which is no escape`);
      }
      flush();
      if (found.bytes === 'end') {
        if (form === 'part') throw refuse('has \\c, which only ends a file');
        if (last === LF) throw refuse('has \\c at the beginning of a line');
        ended = true;
        last = 0;
      } else {
        out.push(found.bytes);
        last = BACKSLASH;
      }
      at += found.length;
      plain = at;
    }
    flush();
    rest = text.subarray(at);
    return Buffer.concat(out);
  };

  const read = (written: string): { length: number; bytes: Buffer | 'end' } | undefined => {
    const letter = written[1] ?? '';
    const byte = BYTES_OF.get(letter);
    if (byte !== undefined) return { length: 2, bytes: Buffer.from([byte]) };
    if (letter === 'c') return { length: 2, bytes: 'end' };
    if (letter === 'x') return readByte(written);
    if (letter === 'u') return readCharacter(written);
    const [whole, name = ''] = /^\\\{([^}]*)\}/.exec(written) ?? [];
    if (whole === undefined || !TOKEN_NAME.test(name)) return undefined;
    const value = tokenValue(name);
    if (value === undefined) throw refuse(`has the token ${name}, which is not in the table of the manifest`);
    return { length: whole.length, bytes: value };
  };

  return {
    push: (text) => decode(rest.length === 0 ? text : Buffer.concat([rest, text]), false),
    end: () => {
      const tail = decode(rest, true);
      if (form === 'file' && last !== LF) throw refuse('does not end with a line end');
      return tail;
    },
  };
}

/** The bytes of a whole `.esc` text. Throws `GOLDEN_DAMAGED`. */
export function decodeEsc(
  where: string,
  text: Buffer,
  tokenValue: (name: string) => Buffer | undefined = () => undefined,
  form: 'file' | 'part' = 'file',
): Buffer {
  const decoder = escDecoder(where, tokenValue, form);
  return Buffer.concat([decoder.push(text), decoder.end()]);
}

function readByte(written: string): { length: number; bytes: Buffer } | undefined {
  const [whole, digits = ''] = /^\\x([0-9a-f]{2})/.exec(written) ?? [];
  if (whole === undefined) return undefined;
  const byte = Number.parseInt(digits, 16);
  // What is printable, ends a line or has a letter of its own is never written like this.
  if ((byte >= 0x20 && byte < 0x7f) || byte === LF || LETTERS.has(byte)) return undefined;
  return { length: whole.length, bytes: Buffer.from([byte]) };
}

function readCharacter(written: string): { length: number; bytes: Buffer } | undefined {
  const [whole, digits = ''] = /^\\u\{([1-9a-f][0-9a-f]{1,5})\}/.exec(written) ?? [];
  const code = Number.parseInt(digits, 16);
  if (whole === undefined || code < 0x80 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { length: whole.length, bytes: Buffer.from(String.fromCodePoint(code)) };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
