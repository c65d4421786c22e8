import { runProcess, toolEnv } from '@baton/kernel';
import { needs, pythonProgram } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitXml } from './junit.ts';

/** A report with the same text in every place that takes text. */
function report(text: string): string {
  const one = { name: text, className: text, seconds: 0.5 };
  return junitXml(text, [
    {
      name: text,
      cases: [
        one,
        { ...one, outcome: { kind: 'failure', type: text, message: text, text } },
        { ...one, outcome: { kind: 'error', type: text, message: text }, output: text },
        { ...one, outcome: { kind: 'skipped', type: text, message: text } },
      ],
    },
  ]);
}

const HOSTILE = [
  ']]>',
  '<!--',
  '</failure>',
  '"/>',
  '&#0;',
  '&amp;',
  '\0',
  '\x1b[2J',
  '\x08\x7f\x85',
  '\ufffe\uffff',
  '\ud800',
  '\u202e',
  'a\tb\r\nc\rd',
  '😀',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 10 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''));

describe('JUnit', () => {
  test('counts what is in a suite', () => {
    expect(report('x').split('\n').slice(0, 7)).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="x" tests="4" failures="1" errors="1" skipped="1" time="2.000">',
      '  <testsuite name="x" tests="4" failures="1" errors="1" skipped="1" time="2.000">',
      '    <testcase classname="x" name="x" time="0.500"/>',
      '    <testcase classname="x" name="x" time="0.500">',
      '      <failure type="x" message="x">x</failure>',
      '    </testcase>',
    ]);
  });

  test('holds nothing that XML 1.0 cannot hold', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const xml = report(text);
        expect(xml.isWellFormed()).toBe(true);
        expect(xml).not.toMatch(/[^\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}\t]/u);
        const tags = (made: string): string[] =>
          (made.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, ''));
        expect(tags(xml)).toEqual(tags(report('x')));
      }),
    );
  });
});

needs('python').describe('a parser', () => {
  const READ = `import json, sys, xml.etree.ElementTree as tree
out = []
for text in json.load(sys.stdin):
    root = tree.fromstring(text.encode())
    case = root[0][1]
    out.append([root.tag, len(root[0]), case[0].tag, case[0].get("message"), case[0].text])
json.dump(out, sys.stdout)`;

  test('reads every report, and gets the texts back', async () => {
    const texts = [...HOSTILE, ...fc.sample(hostile, { numRuns: 200, seed: 5 }), 'two\nlines & <more>'];
    const ran = await runProcess({
      command: pythonProgram(),
      args: ['-I', '-c', READ],
      env: toolEnv(),
      stdin: Buffer.from(JSON.stringify(texts.map(report))),
    });
    expect(ran.stderr.toString()).toBe('');
    const read = JSON.parse(ran.stdout.toString('utf8')) as [string, number, string, string, string | null][];
    expect(read).toHaveLength(texts.length);
    for (const [root, cases, tag, message, text] of read) {
      expect([root, cases, tag]).toEqual(['testsuites', 4, 'failure']);
      expect(message).toBe(text ?? '');
    }
    expect(read.at(-1)?.[3]).toBe('two\nlines & <more>');
    expect(read[HOSTILE.indexOf('\0')]?.[3]).toBe('\\x00');
  }, 60_000);
});
