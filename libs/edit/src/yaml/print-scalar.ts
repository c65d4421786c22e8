/** How a text would be written if it were up to the one who writes. */
export type Quotes = 'plain' | 'single' | 'double';

/** Text that a reader of YAML 1.1 or 1.2 takes for something else when it stands without quotes. */
const OTHER_TYPES = [
  /^(?:~|null|true|false|yes|no|on|off)$/i,
  /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*)$/i,
  /^[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]*(?:e[-+]?[0-9]+)?$/i,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^[-+]?\.(?:inf|nan)$/i,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt \t])/,
  /^(?:=|<<)$/,
];
const ODD = /[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\x85\u2028\u2029\ufeff]/u;
/** Boolean words are usual as keys: `on:` in workflows. */
const KEY_WORDS = /^(?:yes|no|on|off)$/i;

/** Writes a text on one line, in the wanted quotes where they can hold it. */
export function printText(
  text: string,
  wanted: Quotes,
  place: { flow: boolean; key?: boolean; quote: Quotes },
): string {
  if (ODD.test(text) || /[\n\r]/.test(text))
    return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff]/g, escaped);
  if (wanted === 'plain' && isPlain(text, place.flow, place.key === true)) return text;
  const quote = wanted === 'plain' ? place.quote : wanted;
  // A tab in double quotes is an escape in the hands of most writers; single quotes keep it as it is.
  return quote === 'double'
    ? `"${text.replace(/["\\]/g, '\\$&').replaceAll('\t', '\\t')}"`
    : `'${text.replaceAll("'", "''")}'`;
}

/** Writes a number, a boolean or null. */
export function printSimple(value: number | boolean | null): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The lines of a literal block scalar with its header, or nothing where only quotes can hold the text. */
export function literalLines(text: string): { header: string; lines: string[] } | undefined {
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n');
  const plain = !lines.some((line) => ODD.test(line) || (line !== '' && line.trim() === ''));
  if (!plain || lines.length < (text.endsWith('\n') ? 1 : 2) || /^\s|\n$/.test(body) || body === '') return undefined;
  return { header: text.endsWith('\n') ? '|' : '|-', lines };
}

function isPlain(text: string, flow: boolean, key: boolean): boolean {
  if (text === '' || text.trim() !== text || text.includes('\t')) return false;
  if (/^[,[\]{}#&*!|>'"%@`]|^[-?:](?=$|[\s,[\]{}])|^(?:---|\.\.\.)(?:\s|$)/.test(text)) return false;
  if (/:(?=$|\s)|\s#/.test(text)) return false;
  if (flow && (/[,[\]{}]/.test(text) || /^[-?:]/.test(text))) return false;
  if (key && KEY_WORDS.test(text)) return true;
  return !OTHER_TYPES.some((type) => type.test(text));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
