import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '@baton/kernel';
import { needs, startFakeEngine } from '@baton/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { planContext } from './context-files.ts';
import { readIgnore } from './context-ignore.ts';
import { contextWith } from './test-engine.ts';

const FILES = [
  'a',
  'b.log',
  'dir/a',
  'dir/b.log',
  'dir/sub/a',
  'dir/sub/c.txt',
  'other/a',
  'other/deep/er/b.log',
  'x y',
];
const PART = [
  'a',
  'b.log',
  '*.log',
  'dir',
  'sub',
  'other',
  '*',
  '**',
  'd?r',
  'deep',
  '[ab]',
  'c.txt',
  'x y',
  '.',
  '..',
];

const needing = needs('dockerd');
needing.describe('the docker command sends the same files', () => {
  let engine: Awaited<ReturnType<typeof startFakeEngine>>;
  beforeAll(async () => {
    engine = await startFakeEngine({
      'HEAD /_ping': { headers: { 'api-version': '1.41', ostype: 'linux' } },
      'POST /v1.41/build': { send: [{ stream: 'ok' }] },
      'GET /v1.41/info': { send: [{ OSType: 'linux' }] },
    });
  });
  afterAll(() => engine.stop());

  const source = contextWith('FROM scratch\n', Object.fromEntries(FILES.map((name) => [name, name])));

  /** The files that the docker command sends, by its classic builder, which sends everything at once. */
  const byDocker = async (): Promise<string[] | undefined> => {
    const before = engine.requests.length;
    const result = await runProcess({
      command: 'docker',
      args: ['build', '-q', source.context],
      env: { PATH: process.env.PATH, HOME: source.context, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' },
      timeout: 20_000,
    });
    const sent = engine.requests.slice(before).find(({ path }) => path.endsWith('/build'));
    // A pattern that it does not read.
    if (sent === undefined) expect(String(result.stderr)).toMatch(/syntax error in pattern|illegal exclusion/);
    if (sent === undefined) return undefined;
    const names = execFileSync('tar', ['--quoting-style=literal', '-tf', '-'], { input: sent.body });
    return String(names)
      .split('\n')
      .filter((name) => name !== '' && !name.endsWith('/'))
      .sort();
  };

  const same = async (lines: readonly string[]): Promise<void> => {
    const ignore = join(source.context, '.dockerignore');
    writeFileSync(ignore, `${lines.join('\n')}\n`);
    const expected = await byDocker();
    const { entries } = await planContext(source);
    rmSync(ignore);
    const found = entries
      .filter(({ type }) => type !== 'directory')
      .map(({ path }) => path)
      .sort();
    if (expected !== undefined) expect({ lines, found }).toEqual({ lines, found: expected });
  };

  needing(
    'in the usual cases',
    async () => {
      const cases = [
        [],
        ['*'],
        ['*', '!dir'],
        ['*', '!dir/sub/a'],
        ['**/*.log', '!dir/b.log'],
        ['dir', '!dir/sub'],
        ['/dir/', 'Dockerfile', '.dockerignore'],
        ['# dir', '  a  ', 'x y'],
        ['dir/..', './other'],
        ['**', '!other/deep'],
        ['dir/*', '!dir/sub/c.txt', 'dir/sub/c*'],
      ];
      for (const lines of cases) await same(lines);
    },
    60_000,
  );

  needing(
    'with any patterns',
    async () => {
      const pattern = fc
        .tuple(
          fc.constantFrom('', '', '!', '/', '!/'),
          fc.array(fc.constantFrom(...PART), { minLength: 1, maxLength: 3 }),
        )
        .map(([start, parts]) => start + parts.join('/'))
        // The classic builder does not look into a directory for an exception with wildcards, against the documentation;
        // BuildKit does, and so do we.
        .filter((text) => !/^!.*[*?[]/.test(text));
      // For an exception that has nothing to except yet (`d?r/a`, then `!dir`) the docker command forgets what is below it;
      // by the documentation the last line that matches decides, which is what we do.
      const remembered = (lines: readonly string[]): boolean =>
        lines.every(
          (line, i) =>
            !line.startsWith('!') || readIgnore(lines.slice(0, i).join('\n')).ignores(line.replace(/^!\/?/, '')),
        );
      const patterns = fc.array(pattern, { minLength: 1, maxLength: 4 }).filter(remembered);
      await fc.assert(fc.asyncProperty(patterns, same), { numRuns: 60 });
    },
    120_000,
  );
});
