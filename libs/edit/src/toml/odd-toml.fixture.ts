import { randomFrom, WORDS } from '../data/random.fixture.ts';
import type { Value } from '../operations.ts';

type Table = { [key: string]: Value };

/** A generated file, and what it holds. */
export interface OddToml {
  text: string;
  data: Table;
  scalars: { path: (string | number)[]; value: Value }[];
  lists: { path: (string | number)[]; items: readonly Value[] }[];
  /** Arrays of tables. */
  arrays: { path: (string | number)[]; items: readonly Value[] }[];
  tables: (string | number)[][];
  comments: string[];
}

/** Writes one file with odd formatting: dotted keys, inline tables, sections in any order, arrays over lines with comments. */
export function oddToml(seed: number): OddToml {
  const random = randomFrom(seed);
  const file: OddToml = { text: '', data: {}, scalars: [], lists: [], arrays: [], tables: [[]], comments: [] };
  const ending = random.pick(['\n', '\r\n', '\n']);
  const style = {
    equals: random.pick([' = ', ' = ', '=', '  =  ', ' =\t']),
    literal: random.chance(40),
    unit: random.pick(['  ', '    ', '\t']),
    commented: random.pick([0, 20, 40]),
    indent: random.pick(['', '', '  ']),
    gap: random.pick([' ', '', '  ']),
    blank: random.pick([ending, ending, '', ending + ending]),
  };
  const lines: string[] = [];
  let counter = 0;
  const comment = () => {
    counter += 1;
    const text = `# c${counter} ${random.pick(['é', '[x]', 'a = "b"', "'"])}`;
    file.comments.push(text);
    return text;
  };
  const string = (value: string) => (style.literal && !/['\n]/.test(value) ? `'${value}'` : JSON.stringify(value));
  const scalar = (path: (string | number)[]): [string, Value] => {
    const value = random.pick([random.pick(WORDS), random.below(500), 1.25, true, `w${random.below(99)}`]);
    file.scalars.push({ path, value });
    return [typeof value === 'string' ? string(value) : String(value), value];
  };
  const array = (path: (string | number)[], inlineOnly: boolean): [string, Value] => {
    const size = random.pick([0, 1, 2, 3]);
    const items: Value[] = [];
    const parts: string[] = [];
    for (let index = 0; index < size; index += 1) {
      const [text, value] = random.chance(15) ? inline([...path, index]) : scalar([...path, index]);
      parts.push(text);
      items.push(value);
    }
    file.lists.push({ path, items });
    if (inlineOnly || size === 0 || random.chance(40)) {
      const trailing = size > 0 && random.chance(15) ? ',' : '';
      return [`[${parts.join(`,${style.gap}`)}${trailing}]`, items];
    }
    let text = '[';
    for (const [index, part] of parts.entries()) {
      text += ending;
      if (random.chance(style.commented)) text += `${style.unit}${comment()}${ending}`;
      text += `${style.unit}${part}${index < size - 1 || random.chance(50) ? ',' : ''}`;
      if (random.chance(style.commented)) text += ` ${comment()}`;
    }
    return [`${text}${ending}]`, items];
  };
  const inline = (path: (string | number)[]): [string, Value] => {
    const size = random.pick([0, 1, 2]);
    const table: Table = {};
    const parts = Array.from({ length: size }, (_, index) => {
      const [text, value] = random.chance(30) ? array([...path, `i${index}`], true) : scalar([...path, `i${index}`]);
      table[`i${index}`] = value;
      return `i${index}${style.equals}${text}`;
    });
    file.tables.push(path);
    const pad = size === 0 ? random.pick(['', ' ']) : random.pick(['', ' ', ' ']);
    return [`{${pad}${parts.join(`,${style.gap}`)}${size === 0 ? '' : pad}}`, table];
  };
  const pairs = (path: (string | number)[], table: Table, least: number) => {
    const size = least + random.below(4);
    for (let index = 0; index < size; index += 1) {
      const name = `${random.pick(['key', 'k-e_y', 'K'])}${index}`;
      const dotted = random.chance(15);
      const at = dotted ? [...path, name, 'sub.key'] : [...path, name];
      const kind = random.below(10);
      const [text, value] = kind < 6 ? scalar(at) : kind < 9 ? array(at, false) : inline(at);
      if (dotted) {
        table[name] = { 'sub.key': value };
        file.tables.push([...path, name]);
      } else table[name] = value;
      if (random.chance(style.commented)) lines.push(`${style.indent}${comment()}`);
      const behind = random.chance(style.commented) ? ` ${comment()}` : '';
      lines.push(`${style.indent}${dotted ? `${name}."sub.key"` : name}${style.equals}${text}${behind}`);
      if (random.chance(8)) lines.push('');
    }
  };
  if (random.chance(30)) lines.push(comment(), '');
  pairs([], file.data, random.below(2));
  const sections = random.below(4);
  for (let index = 0; index < sections; index += 1) {
    if (lines.length > 0) lines.push(...(style.blank === '' ? [] : style.blank.split(ending).slice(1)));
    if (random.chance(style.commented)) lines.push(comment());
    const name = random.pick(['tool', 'ünïcöde key', 'a b']) + index;
    const quoted = /^[A-Za-z0-9_-]+$/.test(name) ? name : `"${name}"`;
    if (random.chance(35)) {
      const items: Table[] = [];
      const count = 1 + random.below(3);
      for (let item = 0; item < count; item += 1) {
        if (item > 0 && style.blank !== '') lines.push(...style.blank.split(ending).slice(1));
        const table: Table = {};
        lines.push(`[[${quoted}]]`);
        pairs([name, item], table, 1);
        table.id = `${name} ${item}`;
        lines.push(`id = ${JSON.stringify(`${name} ${item}`)}`);
        file.tables.push([name, item]);
        items.push(table);
      }
      file.data[name] = items;
      file.arrays.push({ path: [name], items });
    } else if (random.chance(40)) {
      const table: Table = {};
      lines.push(`[ ${quoted} . inner ]${random.chance(style.commented) ? ` ${comment()}` : ''}`);
      pairs([name, 'inner'], table, 0);
      file.data[name] = { inner: table };
      file.tables.push([name, 'inner'], [name]);
    } else {
      const table: Table = {};
      lines.push(`[${quoted}]`);
      pairs([name], table, 0);
      file.data[name] = table;
      file.tables.push([name]);
    }
  }
  file.text = (random.chance(15) ? '\ufeff' : '') + lines.join(ending) + random.pick(['', ending, ending]);
  return file;
}
