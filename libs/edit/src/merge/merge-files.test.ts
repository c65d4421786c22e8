import { describe, expect, test } from 'vitest';
import { randomFrom } from '../data/random.fixture.ts';
import { mergeFiles } from './merge-files.ts';

function merge(ours: string, theirs: string, how: 'union-lines' | 'concat' | 'sections', path = 'x'): string {
  return mergeFiles(Buffer.from(ours), Buffer.from(theirs), how, path).toString();
}

function failure(run: () => unknown): { code: unknown; message: string } {
  try {
    run();
  } catch (error) {
    return { code: Object(error).code, message: String(Object(error).message) };
  }
  return { code: undefined, message: '' };
}

describe('union of lines', () => {
  test('ours, then what theirs has more; comments and groups stay', () => {
    expect(merge('# build\n/bin\n\n# python\nvenv\n', '# go\n/bin\n/out\n\n# tests\ncover.out\n', 'union-lines')).toBe(
      '# build\n/bin\n\n# python\nvenv\n\n# go\n/out\n\n# tests\ncover.out\n',
    );
    expect(merge('a\nb', 'b\nc', 'union-lines')).toBe('a\nb\nc');
    expect(merge('a\r\nb\r\n', '\ufeffb\nc', 'union-lines')).toBe('a\r\nb\r\nc\r\n');
    expect(merge('a\n', 'a\n', 'union-lines')).toBe('a\n');
    expect(merge('', 'a\n', 'union-lines')).toBe('a\n');
  });

  test('exceptions in another order are refused', () => {
    expect(failure(() => merge('*.log\n!keep.log\n', '!keep.log\n*.log\n', 'union-lines')).code).toBe('EDIT_AMBIGUOUS');
    expect(merge('*.log\n!keep.log\n', '*.log\nx\n!keep.log\n', 'union-lines')).toBe('*.log\n!keep.log\nx\n');
  });

  test('bytes that are not UTF-8 stay', () => {
    const result = mergeFiles(Buffer.from([0x61, 0x0a, 0xff, 0x0a]), Buffer.from([0xfe, 0x0a]), 'union-lines', 'x');
    expect([...result]).toEqual([0x61, 0x0a, 0xff, 0x0a, 0xfe, 0x0a]);
  });

  test('300 generated pairs: every line of both is there, ours first and as it was', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = randomFrom(seed);
      const file = () => {
        const lines = Array.from({ length: random.below(9) }, () =>
          random.pick(['', '# note', `p${random.below(9)}`, 'ü x', ' pad ', `q${random.below(4)}/`]),
        );
        return lines.join(random.pick(['\n', '\r\n'])) + random.pick(['', '\n']);
      };
      const [ours, theirs] = [file(), file()];
      for (const how of ['union-lines', 'concat'] as const) {
        const result = merge(ours, theirs, how);
        if (ours !== '') expect(result.startsWith(ours)).toBe(true);
        const lines = new Set(result.split(/\r?\n/));
        for (const line of [...ours.split(/\r?\n/), ...theirs.split(/\r?\n/)]) {
          if (line.trim() !== '') expect({ seed, line, there: lines.has(line) }).toEqual({ seed, line, there: true });
        }
      }
      expect(
        merge(ours, merge(ours, theirs, 'union-lines'), 'union-lines')
          .split(/\r?\n/)
          .filter(Boolean)
          .sort(),
      ).toEqual(merge(ours, theirs, 'union-lines').split(/\r?\n/).filter(Boolean).sort());
    }
  });
});

describe('Markdown by heading', () => {
  test('what both have is there once, what theirs has more comes last below its heading', () => {
    const ours =
      '# Agent\n\nThe agent.\n\n## Environment\n\n| a | b |\n|---|---|\n| X | 1 |\n\n## License\n\nApache\n\n[l]: ./l\n';
    const theirs =
      '# Agent\n\nThe agent.\n\nIn Go.\n\n## Build\n\n```sh\n# not a heading\nmake\n```\n\n## License\n\nApache\n\n[l]: ./l\n[m]: ./m\n';
    expect(merge(ours, theirs, 'sections', 'README.md')).toBe(
      '# Agent\n\nThe agent.\n\nIn Go.\n\n## Environment\n\n| a | b |\n|---|---|\n| X | 1 |\n\n## License\n\nApache\n\n## Build\n\n```sh\n# not a heading\nmake\n```\n\n[l]: ./l\n[m]: ./m\n',
    );
    expect(merge(ours, ours, 'sections', 'README.md')).toBe(ours);
  });

  test('links and front matter that differ are all listed', () => {
    const { code, message } = failure(() =>
      merge(
        '---\na: 1\n---\n\n# A\n\n[l]: ./l\n[m]: ./m\n',
        '---\na: 2\n---\n\n# A\n\n[l]: ./other\n[m]: ./x\n',
        'sections',
        'a.md',
      ),
    );
    expect(code).toBe('EDIT_AMBIGUOUS');
    expect(message).toContain('front matter, link [l], link [m]');
  });
});

describe('Makefiles by target', () => {
  const ours =
    'CC := gcc\n\n.PHONY: build\n## build it\nbuild: deps ## help\n\t$(CC) \\\n\t  x.c\n\nifdef X\nY := 1\nendif\n';

  test('equal rules once, others behind', () => {
    const theirs =
      'CC := gcc\nGO ?= go\n\nbuild: deps ## help\n\t$(CC) \\\n\t  x.c\n\n# the tests\n.PHONY: test\ntest:\n\t@go test ./...\n';
    expect(merge(ours, theirs, 'sections', 'agent/Makefile')).toBe(
      `${ours}\nGO ?= go\n# the tests\n.PHONY: test\n\ntest:\n\t@go test ./...\n`,
    );
    expect(merge(ours, ours, 'sections', 'Makefile')).toBe(ours);
  });

  test('all that differ are listed', () => {
    const { code, message } = failure(() =>
      merge(
        `${ours}test:\n\tpytest\n`,
        'CC := clang\nbuild:\n\tgo build\ntest:\n\tgo test\nfmt:\n\tgofmt\n',
        'sections',
        'x.mk',
      ),
    );
    expect(code).toBe('EDIT_AMBIGUOUS');
    expect(message).toContain('variable CC, target build, target test');
    expect(message).not.toContain('fmt');
  });

  test('prerequisites of one target come together', () => {
    expect(merge('all: a\n', 'all: b\n', 'sections', 'Makefile')).toBe('all: a\n\nall: b\n');
  });
});

test('sections of anything else are refused', () => {
  expect(failure(() => merge('a', 'b', 'sections', 'x.txt')).code).toBe('EDIT_INVALID');
});
