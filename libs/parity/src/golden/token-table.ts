import type { GoldenToken } from '../model/observation.ts';
import { decodeEsc } from './esc-decode.ts';
import { escapeBytes } from './esc-encode.ts';
import type { NamedSpan } from './esc-syntax.ts';
import type { TokenSpan } from './find-tokens.ts';

/** Gives each distinct value of a kind its number, in the order in which they are first seen. */
export interface TokenTable {
  /** `kind:N` for a value. */
  name(kind: string, value: Buffer): string;
  /** The same for spans of some bytes. */
  spans(found: readonly TokenSpan[], bytes: Buffer): NamedSpan[];
  /** Escaped values by name: the table of the manifest. */
  entries(): Record<string, string>;
}

/** An empty table. */
export function tokenTable(): TokenTable {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const values = new Map<string, string>();
  const name = (kind: string, value: Buffer): string => {
    const key = `${kind}:${value.toString('latin1')}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    const given = `${kind}:${number}`;
    counts.set(kind, number);
    names.set(key, given);
    values.set(given, escapeBytes(value));
    return given;
  };
  return {
    name,
    spans: (found, bytes) =>
      found.map(({ start, end, kind }) => ({ start, end, name: name(kind, bytes.subarray(start, end)) })),
    entries: () => Object.fromEntries(values),
  };
}

/** The table of a manifest, read back: the bytes by the name of the token. Throws `GOLDEN_DAMAGED`. */
export function readTokens(where: string, entries: Readonly<Record<string, string>>): Map<string, Buffer> {
  return new Map(
    Object.entries(entries).map(([name, value]) => [
      name,
      decodeEsc(`${where}, token ${name},`, Buffer.from(value, 'utf8'), () => undefined, 'part'),
    ]),
  );
}

/** The same as an observation carries it. */
export function goldenTokens(values: ReadonlyMap<string, Buffer>): Map<string, GoldenToken> {
  return new Map(
    [...values].map(([name, value]) => [
      name,
      { kind: name.slice(0, name.indexOf(':')), value: value.toString('latin1') },
    ]),
  );
}
