import { type Random, randomFrom, WORDS } from '../data/random.fixture.ts';
import type { Value } from '../operations.ts';
import type { JsonFormat } from './parse-json.ts';

/** A generated file, and what it holds. */
export interface OddJson {
  text: string;
  data: Value;
  /** Paths of scalars that are written as `JSON.stringify` or the file's own quotes would. */
  scalars: { path: (string | number)[]; value: string | number | boolean | null }[];
  lists: { path: (string | number)[]; items: readonly Value[] }[];
  objects: (string | number)[][];
  comments: string[];
}

/** Writes one file with odd formatting: line endings, indentation, commas, comments and quotes differ from place to place. */
export function oddJson(seed: number, format: JsonFormat): OddJson {
  const random = randomFrom(seed);
  const file: OddJson = { text: '', data: null, scalars: [], lists: [], objects: [], comments: [] };
  const style = {
    ending: random.pick(['\n', '\r\n', '\n']),
    unit: random.pick(['  ', '\t', '    ', '   ']),
    gap: random.pick([' ', ' ', '', '  ']),
    colon: random.pick([': ', ': ', ':', ' : ', ' :\t']),
    single: format === 'json5' && random.chance(60),
    bare: format === 'json5' && random.chance(60),
    trailing: format !== 'json' && random.chance(50),
    commented: format === 'json' ? 0 : random.pick([0, 15, 40]),
    minified: random.chance(8),
  };
  let counter = 0;

  const comment = (lineOnly: boolean): string => {
    counter += 1;
    const body = ` c${counter} ${random.pick(['é', 'note, [x]', '"q"', "'", '{'])} `;
    const written = lineOnly || random.chance(50) ? `//${body.trimEnd()}` : `/*${body}*/`;
    file.comments.push(written);
    return written;
  };
  const string = (value: string) => {
    const double = JSON.stringify(value);
    if (!style.single) return double;
    return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  };
  const scalar = (path: (string | number)[]): [string, Value] => {
    const value = random.pick([
      random.pick(WORDS),
      random.below(1000),
      -1.5,
      true,
      false,
      null,
      `w${random.below(99)}`,
    ]);
    file.scalars.push({ path, value });
    return [typeof value === 'string' ? string(value) : String(value), value];
  };
  const container = (path: (string | number)[], indent: string, depth: number, list: boolean): [string, Value] => {
    const size = random.pick([0, 1, 1, 2, 3, 4]);
    const inline = style.minified || (depth > 0 && random.chance(45));
    const leading = !inline && random.chance(10);
    const items: Value[] = [];
    const entries: [string, Value][] = [];
    const parts: string[] = [];
    const inner = inline ? indent : indent + style.unit;
    for (let index = 0; index < size; index += 1) {
      const key = `${random.pick(['key', 'k-e.y', 'ü', '$ref', 'a b'])}${index}`;
      const at = [...path, list ? index : key];
      const [written, value] =
        depth < 3 && random.chance(45) ? container(at, inner, depth + 1, random.chance(50)) : scalar(at);
      items.push(value);
      entries.push([key, value]);
      const bare = style.bare && /^[$\p{ID_Start}][$\p{ID_Continue}]*$/u.test(key);
      parts.push(list ? written : `${bare ? key : string(key)}${style.minified ? ':' : style.colon}${written}`);
    }
    if (list) file.lists.push({ path, items });
    else file.objects.push(path);
    const [open, close] = list ? ['[', ']'] : ['{', '}'];
    return [open + body(parts, indent, inner, inline, leading) + close, list ? items : Object.fromEntries(entries)];
  };
  const body = (parts: readonly string[], indent: string, inner: string, inline: boolean, leading: boolean): string => {
    const pad = inline ? random.pick(['', '', ' ']) : '';
    if (parts.length === 0) return inline ? pad : random.pick(['', `${style.ending}${indent}`]);
    const trailing = style.trailing && !leading;
    let text = '';
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const comma = last ? (trailing ? ',' : '') : ',';
      if (inline) {
        text += `${index === 0 ? pad : style.minified ? '' : style.gap}${part}${comma}`;
        continue;
      }
      if (leading) {
        text += `${index === 0 ? '' : `${style.ending}${inner}, `}${part}`;
        continue;
      }
      text += style.ending;
      if (random.chance(10)) text += style.ending;
      if (random.chance(style.commented)) text += `${inner}${comment(false)}${style.ending}`;
      text += `${inner}${part}${comma}`;
      if (random.chance(style.commented)) text += ` ${comment(false)}`;
    }
    return inline ? text + pad : `${text}${style.ending}${indent}`;
  };

  const [written, data] = container([], '', 0, random.chance(20));
  const head = format !== 'json' && random.chance(20) ? comment(true) + style.ending : '';
  file.data = data;
  file.text = `${random.chance(15) ? '\ufeff' : ''}${head}${written}${random.pick(['', style.ending, style.ending])}`;
  return file;
}

/** One of several, by seed. */
export function choose<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[random.below(items.length)];
}
