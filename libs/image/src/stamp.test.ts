import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { fingerprints } from './fingerprints.ts';
import { stampPath, validStamp, writeStamp } from './stamp.ts';

async function stamped(): Promise<{ path: string; input: string; output: string }> {
  const dir = temporaryDirectory('stamp');
  const input = join(dir, 'input');
  const output = join(dir, 'output');
  writeFileSync(input, 'one');
  writeFileSync(output, 'made');
  const path = stampPath(join(dir, 'cache'), '/project/agent.yaml', { a: 1 });
  await writeStamp(path, { inputs: fingerprints([input]), outputs: { [output]: 4 }, result: { answer: 42 } });
  return { path, input, output };
}

test('remembers a result while inputs and outputs are as they were', async () => {
  const { path } = await stamped();
  expect(validStamp(path)).toEqual({ answer: 42 });
});

test.each<[string, (files: { path: string; input: string; output: string }) => void]>([
  ['an input changed', ({ input }) => writeFileSync(input, 'two')],
  ['an input is gone', ({ input }) => rmSync(input)],
  ['an output is gone', ({ output }) => rmSync(output)],
  ['an output was cut', ({ output }) => truncateSync(output, 1)],
  ['the stamp is gone', ({ path }) => rmSync(path)],
  ['the stamp was cut', ({ path }) => truncateSync(path, 20)],
  [
    'another program wrote it',
    ({ path }) => writeFileSync(path, readFileSync(path, 'utf8').replace(process.version, 'v0')),
  ],
  ['another format', ({ path }) => writeFileSync(path, readFileSync(path, 'utf8').replace('"format":1', '"format":0'))],
])('forgets it when %s', async (_, change) => {
  const files = await stamped();
  change(files);
  expect(validStamp(files.path)).toBeUndefined();
});

test('each project and each set of options has a stamp of its own', () => {
  const paths = [
    stampPath('/cache', '/a/agent.yaml', { release: '1.0.0' }),
    stampPath('/cache', '/a/agent.yaml', { release: '1.0.1' }),
    stampPath('/cache', '/a/agent.yaml', {}),
    stampPath('/cache', '/b/agent.yaml', {}),
  ];
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.every((path) => path.startsWith('/cache/v1/stamps/'))).toBe(true);
});
