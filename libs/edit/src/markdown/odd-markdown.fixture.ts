import { randomFrom } from '../data/random.fixture.ts';

/** A generated document, and what it holds; every name in it is there once. */
export interface OddMarkdown {
  text: string;
  headings: { title: string; setext: boolean }[];
  bullets: { word: string; ordered: boolean }[];
  rows: { word: string; column: string; value: string }[];
  fences: { word: string; lines: number }[];
}

/** Writes one document with odd formatting: headings of both kinds, nested and loose lists, quotes, tables with and without outer pipes. */
export function oddMarkdown(seed: number): OddMarkdown {
  const random = randomFrom(seed);
  const file: OddMarkdown = { text: '', headings: [], bullets: [], rows: [], fences: [] };
  const ending = random.pick(['\n', '\r\n', '\n']);
  const blocks: string[] = [];
  let counter = 0;
  const word = (kind: string) => {
    counter += 1;
    return `${kind}${String.fromCharCode(97 + (counter % 26))}${counter}x`;
  };
  const heading = (depth: number) => {
    const title = `${random.pick(['Agent', 'Ünï `code`', '日本', 'The *old* one'])} ${word('h')}`;
    const setext = depth <= 2 && random.chance(25);
    const plain = title.replace(/[`*]/g, '');
    file.headings.push({ title: plain, setext });
    if (setext) return `${title}\n${(depth === 1 ? '=' : '-').repeat(random.pick([3, title.length, 12]))}`;
    return `${'#'.repeat(depth)} ${title}${random.pick(['', '', ` ${'#'.repeat(depth)}`, ' #'])}`;
  };
  const list = (depth: number): string => {
    const ordered = random.chance(30);
    const loose = random.chance(20);
    const bullet = random.pick(['-', '*', '+']);
    // Only a list from 1 can stand right below a paragraph.
    const first = depth > 0 ? 1 : random.pick([1, 1, 8, 0]);
    const counts = random.chance(80);
    const gap = random.pick([' ', ' ', '   ']);
    const size = 1 + random.below(4);
    const items: string[] = [];
    for (let index = 0; index < size; index += 1) {
      const name = word('b');
      file.bullets.push({ word: name, ordered });
      const marker = ordered ? `${counts ? first + index : first}.${gap}` : `${bullet}${gap}`;
      const pad = ' '.repeat(marker.length);
      let item = `${marker}item **${name}** é`;
      if (random.chance(25)) item += `\n${pad}goes on # here`;
      if (depth < 2 && random.chance(25)) item += `\n${list(depth + 1).replace(/^(?=.)/gm, pad)}`;
      items.push(item);
    }
    return items.join(loose ? '\n\n' : '\n');
  };
  const table = (): string => {
    const outer = random.chance(75);
    const aligned = random.chance(50);
    const columns = [word('col'), word('col'), word('col')].slice(0, 2 + random.below(2));
    const align = columns.map(() => random.pick(['-', '-', '>']));
    const rows = Array.from({ length: 1 + random.below(3) }, () =>
      columns.map((column) => {
        const name = word('r');
        const value = `${name}${random.pick(['', ' \\| pipe', ' `c`', ' é'])}`;
        file.rows.push({ word: value.replace('\\|', '|').replaceAll('`', ''), column, value });
        return value;
      }),
    );
    const width = (index: number) => Math.max(...[columns, ...rows].map((row) => row[index]?.length ?? 0));
    const line = (cells: readonly string[]) => {
      const padded = cells.map((cell, index) => {
        if (!aligned) return ` ${cell}${random.pick([' ', ' ', '  '])}`;
        return align[index] === '>' ? ` ${cell.padStart(width(index))} ` : ` ${cell.padEnd(width(index))} `;
      });
      return outer ? `|${padded.join('|')}|` : padded.join('|').trim();
    };
    const rule = columns.map((_, index) => {
      const dashes = aligned ? '-'.repeat(width(index) + 2) : '---';
      return align[index] === '>' ? `${dashes.slice(0, -1)}:` : dashes;
    });
    return [line(columns), outer ? `|${rule.join('|')}|` : rule.join('|'), ...rows.map(line)].join('\n');
  };
  const fence = (): string => {
    const name = word('f');
    const marks = random.pick(['```', '~~~', '````']);
    const lines = [`run ${name}`, '', '# no heading', '- no item', '| no | row |'].slice(0, 1 + random.below(5));
    file.fences.push({ word: name, lines: lines.length });
    return [`${marks}${random.pick(['sh', '', 'yaml title="x"'])}`, ...lines, marks].join('\n');
  };
  const block = () => {
    const kind = random.below(12);
    if (kind < 4) return list(0);
    if (kind < 6) return table();
    if (kind < 8) return fence();
    if (kind === 8) return list(0).replace(/^/gm, '> ').replace(/^> $/gm, '>');
    if (kind === 9) return '<!-- hidden\n## no heading\n- no item\n-->';
    if (kind === 10) return `- holds a fence\n\n${fence().replace(/^(?=.)/gm, '  ')}`;
    return `A paragraph with [a link][ref] ${word('p')},\nand a second line.${random.pick(['', '  '])}`;
  };
  const size = 1 + random.below(3);
  for (let index = 0; index < size; index += 1) {
    if (index > 0 || random.chance(80)) blocks.push(heading(index === 0 ? 1 : 1 + random.below(3)));
    for (let count = 1 + random.below(2); count > 0; count -= 1) blocks.push(block());
  }
  let text = '';
  for (const [index, part] of blocks.entries())
    text += index === 0 ? part : `\n\n${random.chance(10) ? '\n' : ''}${part}`;
  if (random.chance(50)) text += '\n\n[ref]: ./somewhere "title"';
  const matter = random.chance(15) ? '---\ntitle: x\n# no: heading\n---\n' : '';
  text = `${matter}${text}${random.pick(['', '\n', '\n'])}`;
  file.text = (random.chance(15) ? '\ufeff' : '') + text.replaceAll('\n', ending);
  return file;
}
