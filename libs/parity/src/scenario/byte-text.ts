import { isUtf8 } from 'node:buffer';
import type { TextTag } from '@baton/manifest';
import type { ScalarTag } from 'yaml';
import { stringifyString } from 'yaml/util';
import * as z from 'zod';

/** In an environment: the variable of the suite is not set. */
export const UNSET: Readonly<{ unset: true }> = Object.freeze({ unset: true });

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// What nobody sees on a screen, but for the blank, the line end and the tab: control, formatting and unusual space characters.
const HIDDEN = /[[\p{C}\p{Z}]--[ \n\t]]/v;
const EACH_HIDDEN = new RegExp(HIDDEN, 'gv');
/** Bytes up to which hexadecimal digits are easier to read than base 64. */
const HEX_LIMIT = 64;
const LINE = 100;

const hexTag: TextTag & ScalarTag = {
  tag: '!hex',
  identify: () => false,
  resolve(text, onError) {
    const digits = text.replace(/\s+/g, '');
    if (!HEX.test(digits)) onError('expected pairs of hexadecimal digits after !hex');
    return Buffer.from(digits, 'hex');
  },
  stringify: ({ value }) => (value as Buffer).toString('hex').replace(/..(?=.)/g, '$& ') || '""',
};

const base64Tag: TextTag & ScalarTag = {
  tag: '!base64',
  identify: () => false,
  resolve(text, onError) {
    const letters = text.replace(/\s+/g, '');
    if (!BASE64.test(letters)) onError('expected base 64 with its padding after !base64');
    return Buffer.from(letters, 'base64');
  },
  stringify(item, context, onComment, onChompKeep) {
    const letters = (item.value as Buffer).toString('base64');
    const lines = letters.length <= LINE ? letters : letters.replace(new RegExp(`.{${LINE}}(?=.)`, 'g'), '$&\n');
    const type = lines === letters ? 'QUOTE_DOUBLE' : 'BLOCK_LITERAL';
    return stringifyString({ value: lines, type }, context, onComment, onChompKeep);
  },
};

const unsetTag: TextTag & ScalarTag = {
  tag: '!unset',
  identify: (value) => value === UNSET,
  resolve(text, onError) {
    if (text !== '') onError('expected nothing after !unset');
    return UNSET;
  },
  stringify: () => '""',
};

// Text as the library writes it, unless it holds something that would not be seen.
const visibleTextTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (text) => text,
  stringify(item, context, onComment, onChompKeep) {
    const text = String(item.value);
    if (HIDDEN.test(text)) return escaped(text);
    // As in the library: quoted where it would be read as something else than text.
    return stringifyString({ ...item, value: text }, { ...context, actualString: true }, onComment, onChompKeep);
  },
};

/** The tags that a scenario may have: bytes as `!hex 41 ff` and `!base64 Qf8=`, and `!unset`. */
export const BYTE_TAGS: readonly (TextTag & ScalarTag)[] = [hexTag, base64Tag, unsetTag];

/** The same, and text written so that everything in it is seen. */
export const WRITING_TAGS: readonly ScalarTag[] = [...BYTE_TAGS, visibleTextTag];

/** The tag under which bytes are best written; undefined for what is text. */
export function tagOfBytes(bytes: Buffer): '!hex' | '!base64' | undefined {
  if (isUtf8(bytes)) {
    const hidden = bytes.toString('utf8').match(EACH_HIDDEN)?.length ?? 0;
    if (hidden <= 8 || hidden * 4 <= bytes.length) return undefined;
  }
  return bytes.length <= HEX_LIMIT ? '!hex' : '!base64';
}

/** Whether a block of lines can hold a text: several lines, nothing in it that would not be seen, and no line of blanks alone. */
export function fitsBlock(text: string): boolean {
  if (!text.includes('\n') || text.startsWith('\n')) return false;
  return text.trim() !== '' && !HIDDEN.test(text) && !/[ \t](?=\n|$)/.test(text);
}

/** A zod field for bytes: text, or what a tag made. `nul` is whether NUL may be among them. */
export function bytesField(description: string, { nul }: { nul: boolean }): z.ZodType<Buffer, unknown> {
  return z
    .unknown()
    .superRefine((value, context) => refuse(value, nul, context))
    .transform(toBytes)
    .meta({ type: 'string', description });
}

/** The same for a variable that may also be `!unset`; then it gives null. */
export function bytesOrUnsetField(description: string): z.ZodType<Buffer | null, unknown> {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (value !== UNSET) refuse(value, false, context);
    })
    .transform((value) => (value === UNSET ? null : toBytes(value)))
    .meta({ type: 'string', description });
}

function refuse(value: unknown, nul: boolean, context: z.RefinementCtx): void {
  const add = (message: string, hint?: string): void => context.addIssue({ code: 'custom', message, params: { hint } });
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) {
    const quoted = typeof value === 'number' || typeof value === 'boolean';
    add('text, or bytes after !hex or !base64', quoted ? `Quote it: "${value}".` : undefined);
    return;
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    add('text without half characters', 'Write the bytes after !hex.');
  } else if (!nul && toBytes(value).includes(0)) {
    add('text without NUL: arguments and variables end at the first one');
  }
}

function toBytes(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(EACH_HIDDEN, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}
