const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
  '\\': '\\\\',
  '"': '\\"',
};
const SHOWN = 100;

/** A text of one character a byte for a message: in quotes, ASCII, with what is around `at` when it is long. */
export function visibleBytes(text: string, at = 0): string {
  const from = text.length <= SHOWN ? 0 : Math.max(0, Math.min(at - SHOWN / 2, text.length - SHOWN));
  const cut = text.slice(from, from + SHOWN);
  const shown = cut.replace(
    /[^ -~]|["\\]/g,
    (byte) => NAMED[byte] ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `${from > 0 ? '(...)' : ''}"${shown}"${from + SHOWN < text.length ? '(...)' : ''}`;
}
