// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Dockerfiles
import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LintReport } from './finding.ts';
import { sourceOf } from './source.ts';
import { found, lint, PINNED } from './test-lint.ts';

const END = 'ENTRYPOINT ["/agent"]';

describe('odd files', () => {
  test.each([
    [
      'CR LF',
      `FROM ${PINNED}\r\n# baton: allow add-local why not\r\nADD a \\\r\n  # inside\r\n  /a\r\nADD b /b\r\n${END}\r\n`,
      ['6:1 add-local'],
    ],
    ['a byte order mark', `\ufeffFROM ${PINNED}\nADD a /a\n${END}`, ['2:1 add-local']],
    ['another escape character', `# escape=\`\nFROM ${PINNED}\nADD a \`\n  b /c\\\nUSER x\n${END}`, ['3:1 add-local']],
    ['no end of the last line', `FROM ${PINNED}\n${END}\nADD a /a`, ['3:1 add-local']],
    ['a step that goes on into nothing', `FROM ${PINNED}\n${END}\nADD a /a \\`, ['3:1 add-local']],
    ['a heredoc without end', `FROM ${PINNED}\n${END}\nRUN <<E\napt-get update`, ['4:1 apt-update', '4:1 apt-lists']],
    [
      'instructions in a heredoc',
      `FROM ${PINNED}\nRUN <<E\nFROM node\nE\nCOPY <<A <<B /x/\nADD a /a\nA\nB\n${END}`,
      [],
    ],
    ['small letters', `from ${PINNED} as b\nadd a /a\n${END}`, ['2:1 add-local']],
    ['tabs and spaces', `FROM\t${PINNED}\n \tADD\ta   /a  \n${END}`, ['2:3 add-local']],
    [
      'bytes that are no UTF-8',
      Buffer.from(`# \xe9t\xe9\nFROM ${PINNED}\nADD a /a\n${END}`, 'latin1'),
      ['3:1 add-local'],
    ],
  ])('%s', (_, text, expected) => {
    expect(lint(text).findings.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(expected);
  });

  test.each([
    ['', 'Dockerfile is empty'],
    [' \r\n\t', 'Dockerfile is empty'],
    ['\ufeff', 'Dockerfile is empty'],
    ['# only a comment\n', 'Dockerfile holds no instruction'],
    ['FROM a\0b', 'Dockerfile is binary: it holds a NUL byte'],
    ['ARG A\nRUN true', 'Dockerfile has no FROM, so there is nothing to build'],
    ['#'.repeat(128 * 1024 + 1), 'Dockerfile has 131073 bytes, a Dockerfile has at most 131072'],
    ['FROM a\n'.repeat(2001), 'Dockerfile has 2001 instructions, expected at most 2000'],
  ])('%#: not a Dockerfile', (text, message) => {
    expect(() => lint(text)).toThrow(expect.objectContaining({ code: 'DOCKERFILE_INVALID', message }));
  });

  test('a stage to build that there is not', () => {
    expect(() => found('FROM scratch AS a\nFROM scratch', { target: 'b' })).toThrow(
      'Dockerfile has no stage "b" to build: its stages are a',
    );
  });

  const fill = (unit: string): string => unit.repeat(Math.floor(120_000 / unit.length));
  test.each([
    [
      'stages, each on the one before',
      Array.from({ length: 2000 }, (_, i) => `FROM ${i === 0 ? 'scratch' : `s${i - 1}`} AS s${i}`).join('\n'),
    ],
    ['variables', `FROM scratch\nENV ${fill('A=$A ')}\n${END}`],
    ['commands', `FROM scratch\nRUN ${fill('curl wget apt-get -y ')}\n${END}`],
    ['options', `FROM scratch\nRUN ${fill('apt-get -o ')}\n${END}`],
    ['comments', `${fill('# baton: allow add-local x\n')}FROM scratch\n${END}`],
    ['continued lines', `FROM scratch\nRUN a${fill(' \\\n $A')}\n${END}`],
    ['braces', `FROM scratch\nRUN ${fill('${${${')}\n${END}`],
    ['quotes', `FROM scratch\nCOPY ${fill('"\\')}\n${END}`],
    ['passwords', `FROM scratch\nRUN ${fill('a://b:c@ ')}\n${END}`],
    ['halves of passwords', `FROM scratch\nRUN ${fill('a://')}\n${END}`],
    ['tokens', `FROM scratch\nRUN ${fill('eyJaaaaaaaaaaa.')}\n${END}`],
    ['keys', `FROM scratch\nRUN ${fill('-----BEGIN PRIVATE KEY-----')}\n${END}`],
    ['heredocs', `FROM scratch\nRUN ${fill('<<E ')}\n${END}`],
  ])('120 kB of %s take no unreasonable time', (_, text) => {
    const start = process.cpuUsage();
    check(lint(text), text);
    const { user, system } = process.cpuUsage(start);
    // Tenths of a second; the bound is far off, for the machine may be busy.
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});

const word = fc.constantFrom(
  ...'FROM ADD COPY RUN ENV ARG USER VOLUME CMD ENTRYPOINT ONBUILD LABEL WORKDIR HEALTHCHECK SHELL'.split(' '),
  ...'AS scratch node:latest a b /data /data/x $A ${A ${A:-b} \\$A --from=a --mount=from=b --platform= <<E <<-"E" E'.split(
    ' ',
  ),
  ...[
    '["a", "b"]',
    '["a"',
    "'",
    '"',
    '\\',
    '\\\n',
    '\\\r\n',
    '`',
    '# escape=`\n',
    '# baton: allow add-url x\n',
    '#',
    '\n',
    '\r',
    '\r\n',
    '\t',
  ],
  ...[
    'TOKEN=abcdef',
    'A=1',
    '=',
    'curl a | sh',
    'apt-get update',
    'apt-get install x',
    '\ufeff',
    '\u{1f600}',
    '\u2028',
    'https://u:pw@h/',
  ],
);
const text = fc
  .array(
    fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) }),
    {
      maxLength: 60,
    },
  )
  .chain((words) => fc.constantFrom(' ', '\n').map((space) => words.join(space)));

test('whatever the text is: a report with places inside it, or an error of ours', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (random, isFile) => {
      const whole = isFile ? `FROM scratch\n${random}` : random;
      try {
        check(lint(whole, { user: '5', entrypoint: ['/a'], platforms: ['linux/amd64'], ignoreFile: false }), whole);
      } catch (error) {
        if (!(error instanceof BatonError)) throw error;
        expect(error.code).toBe('DOCKERFILE_INVALID');
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        lint(Buffer.concat([Buffer.from('FROM scratch\n'), bytes]));
      } catch (error) {
        if (!(error instanceof BatonError)) throw error;
      }
    }),
  );
});

function check(report: LintReport, whole: string): void {
  const source = sourceOf(Buffer.from(whole), 'Dockerfile');
  for (const { line, column, excerpt, mark, message } of report.findings) {
    expect(line).toBeLessThanOrEqual(source.lines);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual(source.line(line - 1).length + 1);
    expect(mark.start).toBeGreaterThanOrEqual(0);
    expect(mark.length).toBeGreaterThanOrEqual(0);
    expect(mark.start + mark.length).toBeLessThanOrEqual(excerpt.length);
    expect(excerpt).not.toMatch(/abcdef/);
    expect(message).not.toBe('');
  }
  expect(report.errors + report.warnings).toBe(report.findings.length);
}
