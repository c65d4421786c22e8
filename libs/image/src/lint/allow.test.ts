import { describe, expect, test } from 'vitest';
import { found, lint, PINNED } from './test-lint.ts';

const END = 'ENTRYPOINT ["/agent"]\n';

describe('a comment allows a finding', () => {
  test('right above its instruction, with the reason in the report', () => {
    const report = lint(`FROM ${PINNED}\n# baton: allow add-local the builder is old\nADD a /a\n${END}`);
    expect(report.findings).toEqual([]);
    expect(report.allowed).toEqual([{ code: 'add-local', line: 3, column: 1, reason: 'the builder is old' }]);
  });

  test('among other comments, several of them, indented, at a mark in a continued line', () => {
    expect(
      found(
        `FROM ${PINNED}\n  # baton: allow apt-lists they are read later\n# what follows is needed\n` +
          `# baton: allow apt-recommends all of it is used\nRUN true && \\\n  apt-get update && apt-get install git\n${END}`,
      ),
    ).toEqual([]);
  });

  test('at the top, for what is about the whole file', () => {
    const text = `# baton: allow user-differs the compose file sets it\n\nARG A=1\nFROM ${PINNED}\n${END}`;
    expect(found(text, { user: '5' })).toEqual([]);
    expect(found(`ARG A=1\nFROM ${PINNED}\n# baton: allow user-differs late\n${END}`, { user: '5' })).toEqual([
      '2:1 user-differs',
      '3:1 allow-unused',
    ]);
  });

  test('of one kind and in one place only', () => {
    const text = `FROM ${PINNED}\n# baton: allow add-local old\nADD a /a\nADD b /b\nWORKDIR x\n${END}`;
    expect(found(text)).toEqual(['4:1 add-local', '5:1 workdir-relative']);
  });
});

describe('a comment that allows nothing is found itself', () => {
  test.each([
    ['# baton: allow add-local', ['2:1 allow-reason', '3:1 add-local']],
    ['# baton: allow add-local ...', ['2:1 allow-reason', '3:1 add-local']],
    ['# baton: allow add-locals why not', ['2:1 allow-unknown', '3:1 add-local']],
    ['# baton: alow add-local why not', ['2:1 allow-unknown', '3:1 add-local']],
    ['# baton: allow', ['2:1 allow-unknown', '3:1 add-local']],
    ['# baton: allow add-url why not', ['2:1 allow-unused', '3:1 add-local']],
    ['# baton: allow add-local why not\n', ['2:1 allow-unused', '4:1 add-local']],
    ['# batons: allow add-local', ['3:1 add-local']],
  ])('%j', (comment, expected) => {
    expect(found(`FROM ${PINNED}\n${comment}\nADD a /a\n${END}`)).toEqual(expected);
  });

  test('a name that is nearly right is answered with the right one', () => {
    const { findings } = lint(`FROM ${PINNED}\n# baton: allow add-locals why not\n${END}`);
    expect(findings[0]).toMatchObject({ message: 'there is no rule "add-locals"', hint: 'Did you mean add-local?' });
  });

  test('text in a heredoc or inside a step is no comment of the file', () => {
    expect(
      found(`FROM ${PINNED}\nRUN <<E\n# baton: allow nothing\nE\nRUN a && \\\n# baton: allow nothing\n  b\n${END}`),
    ).toEqual([]);
  });
});
