import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { collect, needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContextSource, planContext } from './context-files.ts';
import { contextDigest, packContext } from './context-tar.ts';
import { contextWith } from './test-engine.ts';

const pack = async (source: ContextSource, epoch?: number): Promise<Buffer> =>
  await collect(packContext(await planContext(source), epoch));
const names = async (source: ContextSource) => (await planContext(source)).entries.map(({ path }) => path);

/** Lists an archive by the tar program. */
function list(archive: Buffer): string[] {
  const text = execFileSync('tar', ['--utc', '--full-time', '--quoting-style=literal', '-tvf', '-'], {
    input: archive,
  });
  return String(text)
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));
}

describe('the archive', () => {
  test('depends on names, contents and executable bits alone', async () => {
    const make = async (order: string[], when: number, mode: number): Promise<Buffer> => {
      const source = contextWith('FROM scratch\n');
      for (const name of order) {
        await writeFiles(source.context, { [name]: name });
        utimesSync(join(source.context, name), when, when);
      }
      chmodSync(join(source.context, 'b/run.sh'), mode);
      symlinkSync('../b', join(source.context, 'a/link'));
      return await pack(source, 86_400);
    };
    const one = await make(['a/x', 'b/run.sh', 'a.txt', 'ä'], 1_000, 0o700);
    const other = await make(['ä', 'a.txt', 'b/run.sh', 'a/x'], 2_000_000, 0o755);
    expect(one.equals(other)).toBe(true);
    expect(list(one)).toEqual([
      '-rw-r--r-- 0/0 13 1970-01-02 00:00:00 Dockerfile',
      'drwxr-xr-x 0/0 0 1970-01-02 00:00:00 a/',
      '-rw-r--r-- 0/0 5 1970-01-02 00:00:00 a.txt',
      'lrwxrwxrwx 0/0 0 1970-01-02 00:00:00 a/link -> ../b',
      '-rw-r--r-- 0/0 3 1970-01-02 00:00:00 a/x',
      'drwxr-xr-x 0/0 0 1970-01-02 00:00:00 b/',
      '-rwxr-xr-x 0/0 8 1970-01-02 00:00:00 b/run.sh',
      '-rw-r--r-- 0/0 2 1970-01-02 00:00:00 ä',
    ]);
  });

  test('holds any names and targets, as tar reads them', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
      .map((text) => text.replace(/[/\0\n\\]/g, '_'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { maxLength: 4 }), async (list) => {
        const source = contextWith('FROM scratch\n');
        const good = list.filter(
          (one) =>
            one !== '.' &&
            one !== '..' &&
            Buffer.byteLength(one) < 250 &&
            one !== 'Dockerfile' &&
            one !== '.dockerignore',
        );
        for (const [index, one] of good.entries()) {
          if (index % 2 === 0) writeFileSync(join(source.context, one), one);
          else symlinkSync(`../${one}/${one}`, join(source.context, one));
        }
        const target = temporaryDirectory('unpacked');
        execFileSync('tar', ['-xf', '-', '-C', target], { input: await pack(source) });
        const again = { context: target, dockerfile: join(target, 'Dockerfile') };
        expect((await pack(again)).equals(await pack(source))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('of many and of large files is what was there', async () => {
    const source = contextWith('FROM scratch\n');
    const big = Buffer.alloc(3_000_001, 'abc');
    await writeFiles(source.context, {
      big,
      ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`many/${index}`, `${index}`])),
    });
    const target = temporaryDirectory('unpacked');
    execFileSync('tar', ['-xf', '-', '-C', target], { input: await pack(source) });
    execFileSync('diff', ['-r', source.context, target]);
  });
});

describe('the digest', () => {
  test('changes with a content, a name, an executable bit, a Dockerfile, and with nothing else', async () => {
    const source = contextWith('FROM scratch\n', { a: '1', 'sub/b': '2', 'Other.dockerfile': 'FROM scratch\n' });
    const seen = new Set([await contextDigest(source)]);
    utimesSync(join(source.context, 'a'), 1, 1);
    expect(seen).toContain(await contextDigest(source));
    const change = async (): Promise<void> => {
      const digest = await contextDigest(source);
      expect(seen).not.toContain(digest);
      seen.add(digest);
    };
    writeFileSync(join(source.context, 'a'), '3');
    await change();
    chmodSync(join(source.context, 'a'), 0o755);
    await change();
    mkdirSync(join(source.context, 'empty'));
    await change();
    source.dockerfile = join(source.context, 'Other.dockerfile');
    await change();
  });
});

describe('.dockerignore', () => {
  const files = { a: '', 'logs/x.log': '', 'logs/keep/y.log': '', 'node_modules/p/index.js': '', 'src/m.ts': '' };

  test('leaves out, lets in again, and never the Dockerfile and itself', async () => {
    const source = contextWith('FROM scratch\n', {
      ...files,
      '.dockerignore': '# comment\n*\n!src\n!logs/keep\n\n!/a\n',
    });
    expect(await names(source)).toEqual([
      '.dockerignore',
      'Dockerfile',
      'a',
      'logs',
      'logs/keep',
      'logs/keep/y.log',
      'src',
      'src/m.ts',
    ]);
  });

  test('of the Dockerfile wins', async () => {
    const source = contextWith('FROM scratch\n', {
      ...files,
      '.dockerignore': '**\n',
      'Dockerfile.dockerignore': 'node_modules\n**/*.log\n',
    });
    expect(await names(source)).toEqual([
      '.dockerignore',
      'Dockerfile',
      'Dockerfile.dockerignore',
      'a',
      'logs',
      'logs/keep',
      'src',
      'src/m.ts',
    ]);
  });

  test('with a pattern that cannot be read is refused', async () => {
    const source = contextWith('FROM scratch\n', { '.dockerignore': 'a[\n' });
    await expect(names(source)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringMatching(/\.dockerignore has a pattern that cannot be read: .*a\[/),
    });
  });

  test('a directory that is left out is not even looked into', async () => {
    const source = contextWith('FROM scratch\n', { ...files, '.dockerignore': 'bad\n!other/**\n' });
    mkdirSync(join(source.context, 'bad'));
    execFileSync('mkfifo', [join(source.context, 'bad/pipe')]);
    expect(await names(source)).not.toContain('bad');
    // An exception below it has to be looked for.
    writeFileSync(join(source.context, '.dockerignore'), 'bad\n!bad/pipe\n');
    await expect(names(source)).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  });
});

describe('a Dockerfile', () => {
  test('from outside goes under a name of its own, which depends on its text alone', async () => {
    const source = contextWith('', { a: '' });
    const other = temporaryDirectory();
    await writeFiles(other, { 'My.dockerfile': 'FROM scratch\nCOPY a /\n' });
    const plan = await planContext({ ...source, dockerfile: join(other, 'My.dockerfile') });
    expect(plan.dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
    expect(plan.entries.map(({ path }) => path)).toEqual([plan.dockerfile, 'Dockerfile', 'a']);
    expect((await planContext({ ...source, dockerfile: join(other, 'My.dockerfile') })).dockerfile).toBe(
      plan.dockerfile,
    );
  });

  test('in a directory that is left out goes along', async () => {
    const source = contextWith('', {
      'docker/my/Dockerfile': 'FROM scratch\n',
      'docker/b': '',
      '.dockerignore': 'docker\n',
    });
    const plan = await planContext({ ...source, dockerfile: join(source.context, 'docker/my/Dockerfile') });
    expect(plan.dockerfile).toBe('docker/my/Dockerfile');
    expect(plan.entries.map(({ path }) => path)).toEqual([
      '.dockerignore',
      'Dockerfile',
      'docker',
      'docker/my',
      'docker/my/Dockerfile',
    ]);
  });

  test('that is not there, and a context that is not, are named', async () => {
    const source = contextWith('FROM scratch\n');
    for (const wrong of [
      { dockerfile: join(source.context, 'none') },
      { context: join(source.context, 'none') },
      { context: source.dockerfile },
    ])
      await expect(planContext({ ...source, ...wrong })).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringContaining(Object.values(wrong)[0] ?? ''),
      });
  });
});

describe('what cannot be sent is named', () => {
  test('a pipe, a socket', async () => {
    const source = contextWith('FROM scratch\n', { 'sub/a': '' });
    execFileSync('mkfifo', [join(source.context, 'sub/pipe')]);
    await expect(names(source)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringMatching(/"sub\/pipe": it is a named pipe/),
      hint: expect.stringContaining('.dockerignore'),
    });
    writeFileSync(join(source.context, '.dockerignore'), '**/pipe\n');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(source.context, 's'), resolve));
    await expect(names(source)).rejects.toThrow(/"s": it is a socket/);
    await new Promise((resolve) => server.close(resolve));
  });

  needs('root')('a device', async () => {
    const source = contextWith('FROM scratch\n');
    execFileSync('mknod', [join(source.context, 'zero'), 'c', '1', '5']);
    await expect(names(source)).rejects.toThrow(/"zero": it is a device/);
  });

  test('a name that is not text', async () => {
    const source = contextWith('FROM scratch\n');
    writeFileSync(Buffer.concat([Buffer.from(`${source.context}/a`), Buffer.from([0xff])]), '');
    await expect(names(source)).rejects.toThrow(/not valid UTF-8/);
  });

  test('a file that vanished, shrank, or became a link since it was listed', async () => {
    const source = contextWith('FROM scratch\n', { f: 'some text' });
    const path = join(source.context, 'f');
    const plan = await planContext(source);
    truncateSync(path, 3);
    await expect(collect(packContext(plan))).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    execFileSync('ln', ['-sf', '/etc/passwd', path]);
    await expect(collect(packContext(plan))).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('"f"'),
    });
    execFileSync('rm', [path]);
    await expect(collect(packContext(plan))).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  });
});

test('links stay links, wherever they lead', async () => {
  const source = contextWith('FROM scratch\n');
  for (const [name, target] of [
    ['out', '/etc'],
    ['up', '../../..'],
    ['loop', 'loop'],
    ['gone', 'nothing'],
  ] as const)
    symlinkSync(target, join(source.context, name));
  expect((await planContext(source)).entries.filter(({ type }) => type === 'symlink')).toEqual([
    { path: 'gone', type: 'symlink', target: 'nothing' },
    { path: 'loop', type: 'symlink', target: 'loop' },
    { path: 'out', type: 'symlink', target: '/etc' },
    { path: 'up', type: 'symlink', target: '../../..' },
  ]);
});
