/** Something that a service mounts. */
export interface ComposeMount {
  /** Path in the container, as written. */
  target: string;
  /** A volume's name or a path; undefined for an anonymous volume. */
  source: string | undefined;
  kind: 'volume' | 'bind' | 'tmpfs' | 'other';
  readOnly: boolean;
  /** The compose file says that the lint must pass it over. */
  ignored: boolean;
  /** Where it stands, from 1. */
  line: number;
}

/** Reads `[source:]target[:mode]`; undefined when it has no target. Colons inside `${...}` separate nothing. */
export function readShortMount(text: string, line: number): ComposeMount | undefined {
  const parts = splitOutside(text, ':');
  if (parts.length > 3 || parts.some((part) => part === '')) return undefined;
  const [first = '', second, mode = ''] = parts;
  const [source, target] = second === undefined ? [undefined, first] : [first, second];
  if (!target.startsWith('/') && !target.startsWith('$')) return undefined;
  const isPath = source !== undefined && /^[./~]/.test(source);
  const readOnly = mode.split(',').includes('ro');
  return { target, source, kind: isPath ? 'bind' : 'volume', readOnly, ignored: false, line };
}

/** Reads a mapping with `type`, `source` and `target`; undefined when it has no target. */
export function readLongMount(value: unknown, line: number): ComposeMount | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { target, source, type = 'volume' } = fields;
  if (typeof target !== 'string' || target === '') return undefined;
  const extension = fields['x-baton'];
  const said = typeof extension === 'object' && extension !== null && 'volume-lint' in extension;
  return {
    target,
    source: typeof source === 'string' && source !== '' ? source : undefined,
    kind: type === 'volume' || type === 'bind' || type === 'tmpfs' ? type : 'other',
    readOnly: fields.read_only === true,
    ignored: said && extension['volume-lint'] === 'ignore',
    line,
  };
}

/**
 * A path of a container in one spelling, or undefined when a variable without default keeps it unknown: `/data/` and
 * `//data/./` are `/data`.
 */
export function normalPath(text: string): string | undefined {
  const filled = withDefaults(text);
  if (filled === undefined || !filled.startsWith('/')) return undefined;
  const parts: string[] = [];
  for (const part of filled.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Text with `${NAME:-default}` and `${NAME-default}` replaced by their defaults; undefined when another variable is left. */
export function withDefaults(text: string): string | undefined {
  let out = '';
  for (const { literal, variable } of pieces(text)) {
    if (literal !== undefined) out += literal;
    else {
      const [, fallback] = /^\{\w+:?-(.*)\}$/s.exec(variable ?? '') ?? [];
      const filled = fallback === undefined ? undefined : withDefaults(fallback);
      if (filled === undefined) return undefined;
      out += filled;
    }
  }
  return out;
}

/** Splits at a character, but not inside `${...}`. */
export function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  for (const { literal, variable } of pieces(text)) {
    if (literal === undefined) parts.push(`${parts.pop() ?? ''}$${variable}`);
    else {
      const [first = '', ...rest] = literal.replaceAll('$', '$$$$').split(separator);
      parts.push(`${parts.pop() ?? ''}${first}`, ...rest);
    }
  }
  return parts;
}

const LONGEST = 4096;

/** Literal text and variables (`{NAME:-x}`, `NAME`) in turn; `$$` is a dollar sign. */
export function pieces(text: string): { literal?: string; variable?: string }[] {
  // Nothing that long is a path or an image, and looking for the ends of variables takes its time.
  if (text.length > LONGEST) return [{ literal: text }];
  const found: { literal?: string; variable?: string }[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const variable = text[at] === '$' ? variableAt(text, at + 1) : undefined;
    if (variable !== undefined) {
      if (literal !== '') found.push({ literal });
      literal = '';
      found.push({ variable });
      at += 1 + variable.length;
    } else {
      literal += text[at];
      at += text.startsWith('$$', at) ? 2 : 1;
    }
  }
  if (literal !== '') found.push({ literal });
  return found;
}

function variableAt(text: string, at: number): string | undefined {
  if (text[at] !== '{') return /^[A-Za-z_]\w*/.exec(text.slice(at))?.[0];
  for (let end = at, depth = 0; end < text.length; end++) {
    if (text[end] === '{') depth += 1;
    else if (text[end] === '}') depth -= 1;
    if (depth === 0) return text.slice(at, end + 1);
  }
  return undefined;
}
