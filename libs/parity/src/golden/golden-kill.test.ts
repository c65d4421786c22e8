import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failAt, killMatrix, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { openGoldens } from './golden-store.ts';
import { logged, RECORDED, testObservation, testRun, testScenario } from './test-golden.ts';

const script = join(import.meta.dirname, 'test-write-golden.ts');

async function prepare(text: string) {
  const directory = temporaryDirectory('goldens');
  const { log } = logged('23', 'the old text');
  await openGoldens(directory).write(testScenario(), testObservation([testRun(log)]), RECORDED);
  return { directory, command: { script, args: [directory, text] } };
}

async function said(directory: string): Promise<string> {
  const stdout = (await openGoldens(directory).read('stream/one')).runs[0]?.stdout;
  return stdout?.kind === 'bytes' ? stdout.bytes.toString() : '';
}

test('a kill while a golden is replaced leaves the old one or the new one, and the next writer cleans up', async () => {
  const seen = new Set<string>();
  const points = await killMatrix(
    () => prepare('the new text'),
    async ({ directory }) => {
      expect(await openGoldens(directory).ids()).toEqual(['stream/one']);
      const text = await said(directory);
      expect(text).toMatch(/the (?:old|new) text\n.* $/);
      seen.add(/old|new/.exec(text)?.[0] ?? '');
      await openGoldens(directory).writing(async () => undefined);
      expect(await said(directory)).toBe(text);
      expect(await readdir(join(directory, 'stream'))).toEqual(['one']);
    },
  );
  expect(points.length).toBeGreaterThan(10);
  expect([...seen].sort()).toEqual(['new', 'old']);
}, 120_000);

test('a kill while a golden is removed leaves it whole or gone', async () => {
  await killMatrix(
    () => prepare(''),
    async ({ directory }) => {
      const ids = await openGoldens(directory).ids();
      if (ids.length > 0) expect(await said(directory)).toContain('the old text');
      await openGoldens(directory).writing(async () => undefined);
      expect(await openGoldens(directory).ids()).toEqual(ids);
    },
  );
}, 60_000);

test('a disk that is full leaves the old golden, at whichever write it fills up', async () => {
  for (let n = 1; n <= 12; n++) {
    const { directory, command } = await prepare('the new text');
    const run = await failAt(command, n);
    if (run.code === 0) continue;
    expect(await said(directory)).toMatch(/the (?:old|new) text/);
    expect(await openGoldens(directory).ids()).toEqual(['stream/one']);
  }
}, 60_000);
