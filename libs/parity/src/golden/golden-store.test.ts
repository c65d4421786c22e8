import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Content, Observation } from '../model/observation.ts';
import { openGoldens } from './golden-store.ts';
import { logged, RECORDED, testObservation, testRun, testScenario } from './test-golden.ts';

const scenario = testScenario();

function observed(second: string, text?: string): Observation {
  const { name, log } = logged(second, text);
  return testObservation([testRun(log, '\x1b[1m€\xff')], {
    [name]: log,
    [`${name}.err`]: '',
    '/etc/x': '2020-01-01T00:00:00\n',
  });
}

async function text(directory: string, file: string): Promise<string> {
  return await readFile(join(directory, 'stream/one', file), 'utf8');
}

test('a golden is text that can be read, and gives every byte back', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  const observation = observed('23');
  await store.write(scenario, observation, RECORDED);
  expect((await readdir(join(directory, 'stream/one'))).sort()).toEqual([
    'host+etc+x.esc',
    'host+var+log+a.sh{log-stamp-1}.log.esc',
    'manifest.json',
    'run1-stderr.esc',
    'run1-stdout.esc',
  ]);
  expect(await text(directory, 'run1-stdout.esc')).toBe('[out]\\{iso-local:1} hello\n[out]\\{iso-local:1} \\c\n');
  expect(await text(directory, 'run1-stderr.esc')).toBe('\\x1b[1m\\u{20ac}\\u{ff}\\c\n');
  expect(await text(directory, 'manifest.json')).toMatchInlineSnapshot(`
    "{
      "container": [],
      "digest": "sha256:f0eef296a1dafc9adb4625b28333649235009142c6233108fca202349e931517",
      "files": {
        "host+etc+x.esc": {"digest":"sha256:bc3785a138663af843949a862d71572a32747326263054694515eb58a2ddab69"},
        "host+var+log+a.sh{log-stamp-1}.log.esc": {"digest":"sha256:d76b8881061a274be643ff9148d80a8e241042771598593c13b71b1dfa967cf1"},
        "run1-stderr.esc": {"digest":"sha256:20c986f7df7a9b0075d6ee9e91d78a14be7de23d2ec1d1520809077aa6e13770"},
        "run1-stdout.esc": {"digest":"sha256:d76b8881061a274be643ff9148d80a8e241042771598593c13b71b1dfa967cf1"}
      },
      "host": [
        {"contents":"host+etc+x.esc","mode":"0644","path":"/etc/x","type":"file"},
        {"contents":"host+var+log+a.sh{log-stamp-1}.log.esc","mode":"0644","path":"/var/log/a.sh\\\\{log-stamp:1}.log","type":"file"},
        {"contents":"empty","mode":"0644","path":"/var/log/a.sh\\\\{log-stamp:1}.log.err","type":"file"}
      ],
      "origin": {
        "identity": {"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","facts":{"python":"3.13.5"},"kind":"process","name":"old"},
        "kind": "recorded"
      },
      "runs": [
        {"exit":0,"milliseconds":12,"stderr":"run1-stderr.esc","stdout":"run1-stdout.esc"}
      ],
      "scenario": "stream/one",
      "tier": "T2",
      "tokens": {
        "iso-local:1": "2026-05-02T21:51:23.456789",
        "iso-local:2": "2020-01-01T00:00:00",
        "log-stamp:1": "-2026-05-02-215123"
      },
      "version": 1
    }
    "
  `);
  const read = await store.read('stream/one');
  expect({ ...read, tokens: undefined }).toEqual({ ...sorted(observation), tokens: undefined });
  expect(read.tokens?.get('log-stamp:1')).toEqual({ kind: 'log-stamp', value: '-2026-05-02-215123' });
  expect(await store.origin('stream/one')).toEqual(RECORDED);
});

test('another recording of the same has the same text, but for the values of its tokens', async () => {
  const directories = [temporaryDirectory('goldens'), temporaryDirectory('goldens')];
  for (const [i, directory] of directories.entries()) {
    await openGoldens(directory).write(scenario, observed(i === 0 ? '23' : '41'), RECORDED);
  }
  const [one = '', other = ''] = directories;
  for (const file of await readdir(join(one, 'stream/one'))) {
    const [first, second] = [await text(one, file), await text(other, file)];
    if (file !== 'manifest.json') expect(second).toBe(first);
    else {
      const changed = second.split('\n').filter((line, i) => line !== first.split('\n')[i]);
      expect(changed.map((line) => line.trim().slice(0, 12))).toEqual(['"digest": "s', '"iso-local:1', '"log-stamp:1']);
    }
  }
});

test('under a frozen clock stamps stand as they are', async () => {
  const directory = temporaryDirectory('goldens');
  const frozen = testScenario('stream/one', { clock: { kind: 'frozen', time: '2026-05-02 21:51:23' } });
  await openGoldens(directory).write(frozen, { ...observed('23'), tier: 'T1' }, RECORDED);
  expect(await text(directory, 'run1-stdout.esc')).toContain('[out]2026-05-02T21:51:23.456789 hello');
  expect(await text(directory, 'manifest.json')).toContain('"tokens": {}');
});

test('any observation comes back', async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes): Content => ({ kind: 'bytes', bytes: Buffer.from(bytes) })),
    fc
      .array(
        fc.constantFrom(
          '[out]',
          '2026-05-02T21:51:23.456789',
          '2026-05-02T21:51:23',
          ' ',
          '\n',
          '/tmp/tmpabcdefgh',
          'é',
          '\r',
        ),
      )
      .map((parts): Content => ({ kind: 'bytes', bytes: Buffer.from(parts.join('')) })),
  );
  const name = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      'x y',
      'a+b',
      'é',
      'l-2026-05-02-215123.log',
      'l-2026-05-02-215124.log',
      '\\bytes:ff',
      '{a-1}',
      '.x',
      'x'.repeat(200),
    ),
    fc
      .string({ minLength: 1, maxLength: 5, unit: 'grapheme' })
      .filter((text) => !text.includes('/') && text.isWellFormed()),
  );
  const rows = fc.dictionary(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
    fc.record({ contents: content, change: fc.constantFrom(undefined, 'modified' as const) }),
    { maxKeys: 8 },
  );
  const store = openGoldens(temporaryDirectory('goldens'));
  await fc.assert(
    fc.asyncProperty(rows, content, content, fc.array(fc.string()), async (entries, stdout, stderr, deleted) => {
      const list = Object.entries(entries).map(([path, { contents, change }]) => ({
        path,
        type: 'file' as const,
        mode: '0600',
        contents,
        ...(change !== undefined && { change }),
      }));
      const observation: Observation = {
        ...testObservation([{ end: { kind: 'signal', signal: 'SIGTERM' }, stdout, stderr, milliseconds: 0 }]),
        host: { rows: list, deleted: [...new Set(deleted)].filter((path) => path.isWellFormed()), rootMode: '0700' },
      };
      await store.write(scenario, observation, RECORDED);
      const { tokens: _tokens, ...read } = await store.read('stream/one');
      expect(sorted(read)).toEqual(sorted(observation));
    }),
    { numRuns: 60 },
  );
});

test('what a recording did not keep stays what is known of it', async () => {
  const store = openGoldens(temporaryDirectory('goldens'));
  const [head, begin, tail] = [
    Buffer.from('[out]2026-05-02T21:51:23 a'),
    Buffer.from('[out]<TS> a'),
    Buffer.from('a\n'),
  ];
  const normalised = { size: 90_000, sha256: 'ab'.repeat(32), head: begin, tail };
  const stdout: Content = { kind: 'elided', size: 98_967, head, normalised };
  await store.write(scenario, testObservation([{ ...testRun(''), stdout }]), RECORDED);
  expect((await store.read('stream/one')).runs[0]?.stdout).toEqual(stdout);
});

test('a channel over 1 MiB is compressed, and its first and last lines can be read', async () => {
  const [directory, spool] = [temporaryDirectory('goldens'), temporaryDirectory('spool')];
  const store = openGoldens(directory);
  const lines = Array.from(
    { length: 60_000 },
    (_, i) => `[out]2026-05-02T21:51:23.${String(i + 1).padStart(6, '0')} line €${i}\n`,
  );
  const big = Buffer.from(`${lines.join('')}${'x'.repeat(3 * 1024 * 1024)}é`);
  const path = join(spool, 'stdout');
  await writeFile(path, big);
  const stdout: Content = { kind: 'file', path, size: big.length };
  await store.write(scenario, testObservation([{ ...testRun(''), stdout }]), RECORDED);
  const shown = (await text(directory, 'run1-stdout.esc')).split('\n');
  expect(shown).toHaveLength(82);
  expect(shown[0]).toBe('[out]2026-05-02T21:51:23.000001 line \\u{20ac}0');
  expect(shown[40]).toBe('\\# 59921 lines between; all 60001 are in run1-stdout.esc.gz');
  expect(shown[80]).toMatch(/^x{500}\\# and \d+ more$/);
  const read = (await store.read('stream/one', spool)).runs[0]?.stdout;
  expect(read).toMatchObject({ kind: 'file', size: big.length });
  if (read?.kind === 'file') expect((await readFile(read.path)).equals(big)).toBe(true);
  expect((await store.read('stream/one')).runs[0]?.stdout).toEqual({ kind: 'bytes', bytes: big });
  await appendFile(join(directory, 'stream/one/run1-stdout.esc.gz'), 'x');
  await expect(store.read('stream/one')).rejects.toMatchObject({ code: 'GOLDEN_DAMAGED' });
});

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`;

test.each<[string, (golden: string) => Promise<unknown>, string, RegExp]>([
  [
    'edited text',
    (golden) => edit(golden, 'run1-stdout.esc', 'hello', 'hallo'),
    'GOLDEN_DAMAGED',
    /run1-stdout.esc was edited by hand/,
  ],
  ['CRLF', (golden) => edit(golden, 'run1-stdout.esc', '\n', '\r\n'), 'GOLDEN_DAMAGED', /carriage return in line 1/],
  [
    'CRLF in the manifest',
    (golden) => edit(golden, 'manifest.json', '\n', '\r\n'),
    'GOLDEN_DAMAGED',
    /manifest.json has a carriage return/,
  ],
  [
    'no ASCII',
    (golden) => edit(golden, 'run1-stderr.esc', '\\u{20ac}', '€'),
    'GOLDEN_DAMAGED',
    /the byte 0xe2 in line 1/,
  ],
  [
    'an LFS pointer',
    (golden) => writeFile(join(golden, 'run1-stdout.esc'), POINTER),
    'GOLDEN_LFS_POINTER',
    /run1-stdout.esc is a Git LFS pointer/,
  ],
  [
    'an LFS pointer as manifest',
    (golden) => writeFile(join(golden, 'manifest.json'), POINTER),
    'GOLDEN_LFS_POINTER',
    /manifest.json/,
  ],
  [
    'another exit code',
    (golden) => edit(golden, 'manifest.json', '"exit":0', '"exit":1'),
    'GOLDEN_DAMAGED',
    /manifest.json was edited by hand/,
  ],
  [
    'another stamp',
    (golden) => edit(golden, 'manifest.json', '.456789', '.456780'),
    'GOLDEN_DAMAGED',
    /edited by hand/,
  ],
  [
    'another layout',
    (golden) => edit(golden, 'manifest.json', '"tier": "T2"', '"tier":  "T2"'),
    'GOLDEN_DAMAGED',
    /edited by hand/,
  ],
  ['no JSON', (golden) => writeFile(join(golden, 'manifest.json'), '<<<<<<< HEAD\n'), 'GOLDEN_DAMAGED', /is no JSON/],
  [
    'other JSON',
    (golden) => writeFile(join(golden, 'manifest.json'), '[]\n'),
    'GOLDEN_DAMAGED',
    /is no manifest of a golden/,
  ],
  ['a missing file', (golden) => rm(join(golden, 'run1-stdout.esc')), 'GOLDEN_DAMAGED', /run1-stdout.esc is missing/],
  [
    'a file too many',
    (golden) => writeFile(join(golden, 'run1-stdout.esc.orig'), ''),
    'GOLDEN_DAMAGED',
    /run1-stdout.esc.orig is in the directory/,
  ],
])('refuses %s', async (_what, spoil, code, message) => {
  const directory = temporaryDirectory('goldens');
  await openGoldens(directory).write(scenario, observed('23'), RECORDED);
  await spoil(join(directory, 'stream/one'));
  await expect(openGoldens(directory).read('stream/one')).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.any(String),
  });
});

async function edit(golden: string, file: string, from: string, to: string): Promise<void> {
  const path = join(golden, file);
  const before = await readFile(path, 'utf8');
  expect(before).toContain(from);
  await writeFile(path, before.replaceAll(from, to));
}

test('a golden that was moved is not the golden of its new place', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  await store.write(scenario, observed('23'), RECORDED);
  await rename(join(directory, 'stream/one'), join(directory, 'stream/two'));
  await expect(store.read('stream/two')).rejects.toMatchObject({
    code: 'GOLDEN_DAMAGED',
    message: expect.stringMatching(/copied or moved/),
  });
  await expect(store.read('stream/one')).rejects.toMatchObject({ code: 'GOLDEN_MISSING' });
});

test('ids, removal and the digest of all', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  expect(await store.ids()).toEqual([]);
  for (const id of ['b/x', 'a']) {
    await store.write(testScenario(id), { ...observed('23'), scenario: id }, RECORDED);
  }
  expect(await store.ids()).toEqual(['a', 'b/x']);
  const before = await store.digest();
  await store.write(testScenario('a'), { ...observed('24'), scenario: 'a' }, RECORDED);
  expect(await store.digest()).not.toBe(before);
  await expect(
    store.write(testScenario('a/y'), { ...observed('24'), scenario: 'a/y' }, RECORDED),
  ).rejects.toMatchObject({
    code: 'SCENARIO_INVALID',
  });
  await store.remove('b/x');
  expect(await readdir(directory)).toEqual(['a']);
});

test('what an interrupted writer put aside is read, and put back by the next one', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  const observation = observed('23');
  await store.write(scenario, observation, RECORDED);
  await rename(join(directory, 'stream/one'), join(directory, 'stream/.one.old'));
  expect(await store.ids()).toEqual(['stream/one']);
  expect((await store.read('stream/one')).runs).toEqual(observation.runs);
  await store.writing(async () => undefined);
  expect(await readdir(join(directory, 'stream'))).toEqual(['one']);
  await mkdir(join(directory, 'stream/.one.old'));
  expect(await store.ids()).toEqual(['stream/one']);
  await store.writing(async () => undefined);
  expect(await readdir(join(directory, 'stream'))).toEqual(['one']);
});

function sorted(observation: Observation): Observation {
  const tree = ({ rows, deleted, ...rest }: Observation['host']): Observation['host'] => ({
    ...rest,
    rows: [...rows].sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path))),
    deleted: [...deleted].sort(),
  });
  return { ...observation, host: tree(observation.host), container: tree(observation.container) };
}
