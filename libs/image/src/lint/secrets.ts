import { allInstructions, type Dockerfile } from './dockerfile.ts';
import type { Property } from './instruction.ts';
import type { Span } from './source.ts';

/** Something in a Dockerfile that may be a secret. */
export interface SecretPlace {
  /** Where the finding stands: the name, or the instruction. */
  span: Span;
  /** What must not be shown. */
  value: Span | undefined;
  /** What it looks like: 'NPM_TOKEN', 'a GitHub token'. */
  what: string;
  kind: 'argument' | 'environment' | 'text';
}

// Words of a name, between underscores.
const SECRET_NAME =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SIGNING_?KEY|CREDENTIALS?|AUTH)(?:_(?:KEY|VALUE|ID|BASE64|B64))?$/i;

/** What secrets of well-known makers look like. */
const SECRET_VALUES: readonly [what: string, shape: RegExp][] = [
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/g],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{16,}/g],
  ['an npm token', /\bnpm_[A-Za-z0-9]{30,}/g],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/g],
  ['a signed token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/g],
  ['a password in a URL', /(?<=[a-z]:\/\/[^/\s:@"'$]*:)[^/\s:@"'${}]+(?=@)/g],
];

/** Places found at most: whoever reads of a hundred needs no more. */
const MOST = 100;

const ASSIGNMENT = /\b([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s"']+)/g;

/** Whether a variable of this name holds a secret: `NPM_TOKEN`, not `TOKEN_FILE`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Everything in a Dockerfile that looks like a secret: by the name of a variable, or by its shape. */
export function secretPlaces(file: Dockerfile): SecretPlace[] {
  const places: SecretPlace[] = [];
  for (const { keyword, properties } of allInstructions(file)) {
    for (const property of properties) {
      const { name, value, nameSpan, valueSpan } = property;
      if (keyword === 'LABEL' || !isSecretName(name) || !holdsSecret(keyword, property)) continue;
      const kind = keyword === 'ARG' ? 'argument' : 'environment';
      if (places.length < MOST)
        places.push({ span: nameSpan, value: value === undefined ? undefined : valueSpan, what: name, kind });
    }
  }
  const { text } = file.source;
  const add = (what: string, value: Span): void => {
    const isKnown = places.some((place) => place.value !== undefined && overlap(place.value, value));
    if (isKnown || places.length >= MOST) return;
    places.push({ span: { start: value.start, end: value.start + 1 }, value, what, kind: 'text' });
  };
  for (const { 0: whole, 1: name = '', 2: value = '', index } of text.matchAll(ASSIGNMENT)) {
    if (!isSecretName(name) || value.startsWith('$') || !isSecretValue(value) || isComment(file, index)) continue;
    add(`a value of ${name}`, { start: index + whole.length - value.length, end: index + whole.length });
  }
  for (const [what, shape] of SECRET_VALUES) {
    for (const { index, 0: found } of text.matchAll(shape)) {
      const value = { start: index, end: index + found.length };
      // A private key goes on to its end, or to the end of the file.
      if (what === 'a private key') value.end = endOfKey(text, value.end);
      add(what, value);
    }
  }
  return places;
}

/** The text of a span with everything in it that may be secret replaced by `***`, and where an offset of it has gone. */
export function withoutSecrets(
  text: string,
  span: Span,
  places: readonly SecretPlace[],
): { text: string; at(offset: number): number } {
  const values = places
    .flatMap(({ value }) => (value === undefined || !overlap(value, span) ? [] : [value]))
    .sort((a, b) => a.start - b.start);
  let out = '';
  let from = span.start;
  const moves: { offset: number; index: number; masked: boolean }[] = [];
  for (const value of values) {
    const start = Math.max(value.start, from);
    const end = Math.min(value.end, span.end);
    if (end <= start) continue;
    moves.push({ offset: from, index: out.length, masked: false });
    out += text.slice(from, start);
    moves.push({ offset: start, index: out.length, masked: true });
    out += '***';
    from = end;
  }
  moves.push({ offset: from, index: out.length, masked: false });
  out += text.slice(from, span.end);
  return {
    text: out,
    at(offset) {
      const move = moves.findLast((each) => each.offset <= offset);
      if (move === undefined) return 0;
      return Math.min(move.index + (move.masked ? 0 : offset - move.offset), out.length);
    },
  };
}

function holdsSecret(keyword: string, { value }: Property): boolean {
  // An argument without default is there to be given the secret.
  return value === undefined ? keyword === 'ARG' : isSecretValue(value);
}

function isSecretValue(value: string): boolean {
  if (value === '' || /^(?:true|false|none|null|\d{1,4})$/i.test(value)) return false;
  // A path to where it will be, or a variable that is looked at by its own name.
  return !value.startsWith('/') && !(value.startsWith('$') && /^\$\{?\w+\}?$/.test(value));
}

function isComment({ comments }: Dockerfile, offset: number): boolean {
  return comments.some(({ span }) => span.start <= offset && offset < span.end);
}

function endOfKey(text: string, from: number): number {
  const end = text.indexOf('PRIVATE KEY-----', text.indexOf('-----END ', from));
  return end < from ? text.length : end + 'PRIVATE KEY-----'.length;
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}
