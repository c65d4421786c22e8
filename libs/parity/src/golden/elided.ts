import { canonicalJson, type Digest, sha256 } from '@baton/kernel';
import type { Content } from '../model/observation.ts';
import { decodeEsc } from './esc-decode.ts';
import { encodeEsc } from './esc-encode.ts';
import { damaged } from './esc-syntax.ts';
import type { FileRecord } from './golden-manifest.ts';

/** A channel that a recording did not keep whole. */
export type Elided = Extract<Content, { kind: 'elided' }>;

const BEGINS = '\\# the rest was not recorded; with its tokens replaced the whole begins with';
const ENDS = '\\# and ends with';
const FORM =
  /^(.*?)\\# the rest was not recorded; with its tokens replaced the whole begins with\n(.*?)\\# and ends with\n(.*)$/s;

/** What is known of it as escaped text: the first bytes as they were; beginning and end of the form without tokens. */
export function printElided({ head, normalised }: Elided): string {
  return `${encodeEsc(head)}${BEGINS}\n${encodeEsc(normalised.head)}${ENDS}\n${encodeEsc(normalised.tail)}`;
}

/** The same read back. Throws `GOLDEN_DAMAGED`. */
export function parseElided(where: string, text: Buffer, elided: NonNullable<FileRecord['elided']>): Elided {
  const [, ...parts] = FORM.exec(text.toString('latin1')) ?? [];
  const [head, begin, end] = parts.map((part) =>
    part === '' ? Buffer.alloc(0) : decodeEsc(where, Buffer.from(part, 'latin1')),
  );
  if (head === undefined || begin === undefined || end === undefined) {
    throw damaged(where, 'has no line that tells what was not recorded');
  }
  const { size, normalisedSize, sha256: digest } = elided;
  return { kind: 'elided', size, head, normalised: { size: normalisedSize, sha256: digest, head: begin, tail: end } };
}

/** Stands for the bytes of a channel that was not kept: what is known of them. */
export function elidedDigest({ size, head, normalised }: Elided): Digest {
  const known = [head, normalised.head, normalised.tail].map((bytes) => bytes.toString('hex'));
  return sha256(canonicalJson([size, normalised.size, normalised.sha256, ...known]));
}
