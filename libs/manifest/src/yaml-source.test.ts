import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MANIFEST_LIMIT, readYaml } from './yaml-source.ts';
import type { YamlSource } from './yaml-types.ts';

function source(text: string): YamlSource {
  const read = readYaml(Buffer.from(text));
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  return read;
}

function problems(text: string | Uint8Array): string[] {
  const read = readYaml(typeof text === 'string' ? Buffer.from(text) : text);
  return Array.isArray(read) ? read.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

describe('reading', () => {
  it('gives YAML 1.2 values: on and yes are text, 0644 is a number', () => {
    expect(source('on: yes\nmode: 0644\nn: ~\nt: true\n').value).toEqual({ on: 'yes', mode: 644, n: null, t: true });
  });

  it('takes CRLF, a byte order mark, comments and anchors', () => {
    expect(source('\ufeffa: &x [1] # one\r\nb: *x\r\n').value).toEqual({ a: [1], b: [1] });
  });

  it('keeps keys text and merge keys plain', () => {
    expect(source('1: a\n~: b\n<<: { c: d }\n').value).toEqual({ '1': 'a', '~': 'b', '<<': { c: 'd' } });
  });

  it('gives nothing for an empty text', () => {
    expect(source('').value).toBeNull();
    expect(source('# only words\n').value).toBeNull();
  });
});

describe('positions', () => {
  const text =
    'version: 1\nimage:\n  layers:\n    - { from: a, to: "/b" }\n    - from: c\n  env: &e { A: x }\n  labels: *e\n';

  it('finds values and keys', () => {
    const { valueAt, keyAt } = source(text);
    expect(valueAt(['image', 'layers', 0, 'to'])).toEqual({ line: 4, column: 22 });
    expect(keyAt(['image', 'layers', 0, 'to'])).toEqual({ line: 4, column: 18 });
    expect(valueAt(['image', 'layers', 1])).toEqual({ line: 5, column: 7 });
    expect(keyAt(['image'])).toEqual({ line: 2, column: 1 });
  });

  it('answers with the nearest thing that exists', () => {
    const { valueAt, keyAt } = source(text);
    expect(keyAt(['image', 'absent', 'deeper'])).toEqual({ line: 2, column: 1 });
    expect(valueAt(['image', 'layers', 9])).toEqual({ line: 4, column: 5 });
  });

  it('follows an alias to what it names', () => {
    expect(source(text).valueAt(['image', 'labels', 'A'])).toEqual({ line: 6, column: 16 });
  });

  it('counts columns as editors do', () => {
    expect(source('{ "é😀": 1, b: 2 }').valueAt(['b'])).toEqual({ line: 1, column: 16 });
  });

  it('tells how a scalar is written', () => {
    const { written } = source('a: 0o17\nb: [1]\n');
    expect(written(['a'])).toBe('0o17');
    expect(written(['b'])).toBeUndefined();
  });
});

describe('refusing', () => {
  it('says what to do about tabs', () => {
    expect(readYaml(Buffer.from('a:\n\tb: 2'))).toMatchObject([{ line: 2, hint: 'Indent with spaces.' }]);
  });

  it.each([
    ['a: b: c', '1:4 not valid YAML: Nested mappings are not allowed in compact mappings'],
    ['a: 1\n\tb: 2', '2:1 not valid YAML: Tabs are not allowed as indentation'],
    ['a: "x\n', '2:1 not valid YAML: Missing closing "quote'],
    ['a: 1\nb: 2\na: 3\n', '3:1 the key "a" is there twice'],
    ['x:\n  a: 1\n  a: 1\n', '3:3 the key "a" is there twice'],
    ['a: 1\n---\nb: 2\n', '2:1 expected one document, found a second one'],
    ['a: *b\n', '1:4 the alias *b has no anchor before it'],
    ['a: &x { b: *x }\n', '1:12 the alias *x is part of what it names'],
    ['? [a]\n: b\n', '1:3 expected text as a key, found something else'],
    ['a: !!binary aGk=\n', '1:13 expected a plain value, found the tag tag:yaml.org,2002:binary'],
    ['a: !x b\n', '1:4 not valid YAML: Unresolved tag: !x'],
    ['%YAML 1.1\n---\na: yes\n', '1:1 expected YAML 1.2, found the directive %YAML 1.1'],
    ['a: "x\\0y"\n', '1:4 text holds a NUL character'],
    ['{ "__proto__": { a: 1 } }', '1:3 unknown key "__proto__"'],
  ])('%j', (text, message) => {
    expect(problems(text)).toEqual([message]);
  });

  it('names the line of the first byte that is not UTF-8', () => {
    expect(problems(Buffer.from('a: 1\nb: \xff\nc: \xfe\n', 'latin1'))).toEqual(['2:1 the text is not UTF-8']);
    // UTF-16 without its mark is valid UTF-8, full of NUL.
    expect(problems(Buffer.from('a: 1\n', 'utf16le'))).toEqual(['1:1 text holds a NUL character']);
    expect(problems(Buffer.from([0xff, 0xfe, 0x61, 0x00]))).toEqual(['1:1 the text is not UTF-8']);
  });

  it('ends with aliases of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 10; i++)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`);
    expect(problems(lines.join('\n'))).toEqual(['1:1 aliases expand to more than is allowed']);
  });

  it.each(['[', '{a: ', '- '])('ends with %j nested without end', (opening) => {
    expect(problems(opening.repeat(50_000))).toEqual(['1:1 lists and mappings are nested too deeply']);
  });

  it('ends with a text that is too long', () => {
    expect(problems(Buffer.alloc(MANIFEST_LIMIT + 1, '#'))).toEqual([
      `1:1 expected at most ${MANIFEST_LIMIT} bytes, found ${MANIFEST_LIMIT + 1}`,
    ]);
    expect(problems(Buffer.alloc(MANIFEST_LIMIT, '#'))).toEqual([]);
  });

  it('answers for any text, with a place in it', () => {
    const yamlish = fc.array(
      fc.constantFrom(
        'a',
        'b: ',
        ': ',
        '- ',
        '\n',
        '  ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '&x ',
        '*x',
        '!t ',
        '|',
        '#',
        '%',
        '---\n',
        '\t',
        '\0',
        '?',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          yamlish.map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const read = readYaml(Buffer.from(text));
          if (!Array.isArray(read)) return;
          expect(read.length).toBeGreaterThan(0);
          const lines = text.split('\n').length;
          for (const { line, column, message } of read) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines);
            expect(column).toBeGreaterThanOrEqual(1);
            expect(message).not.toContain('\n');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads JSON as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, noUnpairedSurrogates: true } as fc.JsonSharedConstraints), (value) => {
        const text = JSON.stringify(value);
        if (/__proto__|\\u0000/.test(text)) return;
        expect(source(text).value).toEqual(JSON.parse(text));
      }),
    );
  });
});
