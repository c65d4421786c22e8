import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DockerInstrOperation } from '../operations.ts';
import { after, anyDress, codeOf, dressed } from '../text/test-text.ts';
import { editDockerInstr } from './docker-instr.ts';
import { dockerfileFacts } from './dockerfile-facts.ts';
import { scanDockerfile } from './scan-dockerfile.ts';

const edited = (text: string, operation: DockerInstrOperation): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editDockerInstr(bytes, operation)).toString();
};

const WHOLE = `# syntax=docker/dockerfile:1
ARG BASE=scratch REV
from --platform=$BUILDPLATFORM golang:1 as Build
copy agent/go/ \\
  # a comment between

  "a b" ./
RUN <<EOF cat && <<-"B C" x
FROM not
EOF
\tx
\tB C
RUN echo '<<EOF' \\\\
FROM $BASE
COPY --from=Build --chown=0:0 ["/x y", "/z"]
ADD https://x.y/z <<E local /d
COPY no
E
LABEL a=b "c d"='e f' \\
   g=h
LABEL a=c
ENV OLD some  value
ENV K="v w" L=x\\ y
VOLUME ["/v"] 
VOLUME /w /x
EXPOSE 80 443/udp
ONBUILD COPY a b
HEALTHCHECK --interval=5s CMD true
WORKDIR /w
ENTRYPOINT ["/a", "b"]
CMD echo x
USER 0:0`;

describe('docker.instr', () => {
  test.each<[string, DockerInstrOperation, string]>([
    ['FROM a\nUSER x\n', { instruction: 'user', set: '0:0' }, 'FROM a\nUSER 0:0\n'],
    ['FROM a\nuser\tx  \n', { instruction: 'USER', set: 'y\n' }, 'FROM a\nuser\ty  \n'],
    [
      'FROM a\r\nRUN a \\\r\n # c\r\n b\r\nUSER x',
      { instruction: 'RUN', set: 'c \\\n  d' },
      'FROM a\r\nRUN c \\\r\n  d\r\nUSER x',
    ],
    ['FROM a\nRUN a\nRUN b', { instruction: 'RUN', match: 'b', remove: true }, 'FROM a\nRUN a'],
    ['FROM a\nRUN a\nRUN b', { instruction: 'RUN', count: 2, remove: true }, 'FROM a'],
    ['FROM a\nRUN a \\\n  b', { instruction: 'RUN', match: 'a   b', after: 'USER x' }, 'FROM a\nRUN a \\\n  b\nUSER x'],
    [
      'FROM a AS one\nRUN x\nFROM b AS two\nRUN x\n',
      { stage: 'TWO', instruction: 'RUN', set: 'y' },
      'FROM a AS one\nRUN x\nFROM b AS two\nRUN y\n',
    ],
    [
      'FROM a\nRUN x\nFROM b\nRUN x\n',
      { stage: 0, instruction: 'RUN', before: 'RUN w\n' },
      'FROM a\nRUN w\nRUN x\nFROM b\nRUN x\n',
    ],
    ['FROM a\nRUN x\nUSER y\n', { instruction: 'RUN', after: 'USER y' }, 'FROM a\nRUN x\nUSER y\n'],
    [
      '# escape=`\nFROM a\nRUN dir c:\\\nRUN b `\n c\n',
      { instruction: 'RUN', match: 'c:\\', set: 'x' },
      '# escape=`\nFROM a\nRUN x\nRUN b `\n c\n',
    ],
    ['FROM a\nRUN <<E\nUSER x\nE\nUSER y\n', { instruction: 'USER', set: 'z' }, 'FROM a\nRUN <<E\nUSER x\nE\nUSER z\n'],
    ['FROM a\nRUN <<E\nold\nE\n', { instruction: 'RUN', set: '<<E\nnew\nmore\nE' }, 'FROM a\nRUN <<E\nnew\nmore\nE\n'],
    ['ARG A=1\nFROM a\nARG A\n', { instruction: 'ARG', match: 'A=', set: 'A=2' }, 'ARG A=2\nFROM a\nARG A\n'],
    [
      'FROM a\nONBUILD COPY a b\nCOPY c d\n',
      { instruction: 'COPY', set: 'e f' },
      'FROM a\nONBUILD COPY a b\nCOPY e f\n',
    ],
  ])('%j %j', (text, operation, expected) => {
    expect(edited(text, operation)).toBe(expected);
  });

  test.each<[string, DockerInstrOperation, string]>([
    ['FROM a\nRUN x\n', { instruction: 'USER', set: 'x' }, 'EDIT_NO_MATCH'],
    ['FROM a\nRUN x\nRUN x\n', { instruction: 'RUN', set: 'y' }, 'EDIT_COUNT'],
    ['FROM a AS b\nRUN x\n', { stage: 'c', instruction: 'RUN', set: 'y' }, 'EDIT_NO_MATCH'],
    ['FROM a\nRUN x\nUSER y\n', { instruction: 'RUN', set: 'x \\' }, 'EDIT_UNVERIFIED'],
    ['FROM a\nRUN x\n', { instruction: 'RUN', set: 'x\nUSER y' }, 'EDIT_UNVERIFIED'],
    ['FROM a\nRUN x\nUSER y\n', { instruction: 'RUN', set: '<<E\nx' }, 'EDIT_UNVERIFIED'],
    ['FROM a\nRUN x\nUSER y\n', { instruction: 'RUN', after: 'USER z \\' }, 'EDIT_UNVERIFIED'],
    ['FROM a\nRUN x\n', { instruction: 'RUN' }, 'EDIT_INVALID'],
    ['FROM a\nRUN \xff\0\n', { instruction: 'RUN', set: 'x' }, 'EDIT_REFUSED'],
  ])('with %j %j: %s', (text, operation, code) => {
    expect(codeOf(() => edited(text, operation))).toBe(code);
  });

  test('is set and set back, put in and taken out, without a trace', () => {
    const block = fc.constantFrom(
      ['RUN make \\', '  # comment', '', '  && true'],
      ['copy agent/go/ \\', '\t./'],
      ['RUN <<EOF', 'FROM x', '  USER y', 'EOF'],
      ['# comment \\', ''],
      ['ENV ü=\u{1F600}   '],
      ['\tRUN indented'],
      ['FROM scratch AS next'],
      ['COPY <<-"A B" <<C /x', '\tone', '\tA B', 'two', 'C'],
      ['ONBUILD RUN x'],
      ['LABEL a="x \\', '  y"'],
    );
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 6 }),
        fc.array(block, { maxLength: 6 }),
        anyDress,
        (before, behind, dress) => {
          const bytes = dressed(['FROM a', ...before.flat(), 'Entrypoint  ["/old"] ', ...behind.flat()], dress);
          const run = (file: Buffer, operation: DockerInstrOperation) => after(file, editDockerInstr(file, operation));
          const instruction = 'ENTRYPOINT';
          expect(run(bytes, { instruction, set: '["/old"]' })).toEqual(bytes);
          const there = run(bytes, { instruction, match: 'old', set: '["/new", "ü"]' });
          expect(run(there, { instruction, set: '["/old"]' })).toEqual(bytes);
          for (const side of ['before', 'after']) {
            const more = run(bytes, { instruction, [side]: 'STOPSIGNAL \\\n  9\n' });
            expect(run(more, { instruction: 'stopsignal', remove: true })).toEqual(bytes);
          }
          const file = scanDockerfile(bytes);
          const heads = file.instructions.filter(({ first }) => first > 0);
          expect(heads.length).toBe(
            [...before, ...behind].filter(([head]) => head?.startsWith('#') === false).length + 1,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('the facts of a Dockerfile', () => {
  const { args, stages } = dockerfileFacts(Buffer.from(WHOLE));
  expect(args.map(({ name, value }) => [name, value])).toEqual([
    ['BASE', 'scratch'],
    ['REV', undefined],
  ]);
  expect(stages[0]).toMatchObject({ name: 'Build', from: 'golang:1', platform: '$BUILDPLATFORM', line: 3 });
  expect(stages[0]?.copies).toEqual([
    { instruction: 'COPY', line: 4, sources: ['agent/go/', 'a b'], destination: './' },
  ]);
  expect(stages[1]).toMatchObject({
    from: '$BASE',
    entrypoint: ['/a', 'b'],
    cmd: 'echo x',
    user: '0:0',
    workdir: '/w',
    labels: { a: 'c', 'c d': 'e f', g: 'h' },
    env: { OLD: 'some  value', K: 'v w', L: 'x y' },
    volumes: ['/v', '/w', '/x'],
    expose: ['80', '443/udp'],
    healthcheck: '--interval=5s CMD true',
    copies: [
      { line: 15, from: 'Build', sources: ['/x y'], destination: '/z' },
      { instruction: 'ADD', sources: ['local'], destination: '/d' },
    ],
  });
  expect(codeOf(() => dockerfileFacts(Buffer.from('RUN x\n')))).toBe('EDIT_INVALID');
});

test('reads lines of very many blanks soon', () => {
  const blanks = ' '.repeat(30_000);
  const text = `# escape =${blanks}x${blanks}y\nFROM x\nRUN a${blanks}b\n`;
  const start = process.cpuUsage();
  expect(edited(text, { instruction: 'FROM', set: 'y' })).toBe(text.replace('FROM x', 'FROM y'));
  expect(process.cpuUsage(start).user).toBeLessThan(5e5);
});
