import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { GenerateOperation } from '../model/manifest.ts';
import { testContext } from '../scan/test-context.ts';
import { runGenerators } from './run-generators.ts';

const files = {
  'a.txt': 'a\n',
  'gen/list.txt': 'old\n',
  'gen/gone.txt': 'x\n',
  'ünï code/-b': 'b\n',
  'run.sh': '#!/bin/sh\n',
};

async function generate(...runs: (Partial<GenerateOperation['run']> & { script?: string })[]) {
  const context = await testContext({ before: files, after: files, planned: { 'planned.txt': 'p\n' } });
  const operations = runs.map(({ script = 'true', ...run }) => ({
    run: { cmd: ['sh', '-c', script], outputs: ['gen/**'], ...run },
  }));
  const made = await runGenerators(context, operations);
  expect(await context.source.git('status', '--porcelain')).toBe('');
  return made.map(({ operation, path, before, after }) => ({
    operation,
    path,
    was: before !== undefined,
    now: after === undefined ? undefined : `${after.mode} ${Buffer.from(after.blob.bytes).toString()}`,
  }));
}

test('declared outputs come back: made, changed, removed, executable', async () => {
  const script =
    'cat a.txt planned.txt > gen/list.txt; rm gen/gone.txt; printf x > gen/tool; chmod +x gen/tool; ln -s list.txt gen/link';
  expect(await generate({ script })).toEqual([
    { operation: 'generate[0] run', path: 'gen/gone.txt', was: true, now: undefined },
    { operation: 'generate[0] run', path: 'gen/link', was: false, now: '120000 list.txt' },
    { operation: 'generate[0] run', path: 'gen/list.txt', was: true, now: '100644 a\np\n' },
    { operation: 'generate[0] run', path: 'gen/tool', was: false, now: '100755 x' },
  ]);
});

test('the same bytes again are no change, and every generator sees the tree without the others', async () => {
  const again = { script: 'printf "old\\n" > gen/list.txt; touch a.txt' };
  const seen = { script: 'cat gen/list.txt > out.txt', outputs: ['out.txt'] };
  const first = { script: 'echo new > gen/list.txt' };
  expect(await generate(again)).toEqual([]);
  expect((await generate(first, seen)).map(({ path, now }) => [path, now])).toEqual([
    ['gen/list.txt', '100644 new\n'],
    ['out.txt', '100644 old\n'],
  ]);
});

test('what a generator may not do is an error that says what', async () => {
  const failures: [Parameters<typeof generate>, RegExp][] = [
    [
      [{ script: 'echo x > a.txt; echo y > gen/list.txt; rm "ünï code/-b"' }],
      /changed a\.txt and 1 more, expected changes of gen\/\*\*/,
    ],
    [[{ script: 'date +%s%N > gen/list.txt' }], /made other bytes of gen\/list\.txt when it ran a second time/],
    [[{ script: 'pwd > gen/list.txt' }], /second time/],
    [[{ script: 'echo no >&2; exit 4' }], /exit code 4: no/],
    [[{ script: 'sleep 20', timeout: 1 }], /did not end within 1 s/],
    [[{ cmd: ['no-such-program-here'] }], /no program/],
    [[{ outputs: ['gen/**', 'made/**'] }], /expected made\/\*\*, found no such file/],
    [[{ cwd: 'nowhere' }], /expected a directory nowhere/],
    [
      [{ script: 'echo x > gen/list.txt' }, { script: 'echo y > gen/list.txt' }],
      /generate\[1\] run: makes gen\/list\.txt, which generate\[0\] run makes as well/,
    ],
  ];
  for (const [runs, message] of failures) {
    await expect(generate(...runs), String(message)).rejects.toMatchObject({
      code: 'GENERATOR_FAILED',
      message: expect.stringMatching(message),
    });
  }
});

test('nothing is left behind', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('baton-checkout-')).length;
  await expect(generate({ script: 'exit 1' })).rejects.toThrow();
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('baton-checkout-')).length).toBeLessThanOrEqual(before);
});
