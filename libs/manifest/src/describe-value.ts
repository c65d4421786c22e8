/** Whether a value is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** A value in a few words, for "found ...". `written` is how the file writes it, where that tells more. */
export function describeValue(value: unknown, written?: string): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    return value === '' ? 'empty text' : quoted(value);
  }
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${written ?? value}`;
  if (typeof value === 'boolean') return `the truth value ${written ?? value}`;
  if (value instanceof Uint8Array) return value.length === 0 ? 'no bytes' : 'bytes';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
}

/** Text in quotes: one line whatever is in it, and never long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** The way to a value as people write it: `image.layers[1].to`, `image.labels["a.b"]`. */
export function describePath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]{0,59}$/.test(String(step)))
      text += text === '' ? String(step) : `.${String(step)}`;
    else text += `[${quoted(String(step))}]`;
  }
  return text;
}
