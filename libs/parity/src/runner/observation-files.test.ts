import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Content, Observation } from '../model/observation.ts';
import { fromPlain, toPlain } from './buffer-json.ts';
import { mapContents, readObservation, writeObservation } from './observation-files.ts';
import { testObservation, testScenario } from './test-parity.ts';

const contents = fc.uint8Array({ maxLength: 40 }).map((raw): Content => ({ kind: 'bytes', bytes: Buffer.from(raw) }));
const name = fc
  .oneof(fc.constantFrom('etc', 'a b', '\\bytes:ff', 'é', 'x'.repeat(300)), fc.stringMatching(/^[!-.0-~]{1,9}$/))
  .filter((part) => part !== '.' && part !== '..');
const row = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  type: fc.constant('file' as const),
  mode: fc.constantFrom('0644', '4755'),
  contents,
});
// No file lies below another one.
const rows = fc
  .uniqueArray(row, { selector: ({ path }) => path, maxLength: 6 })
  .map((all) =>
    all.filter(({ path }) => !all.some((other) => other.path !== path && path.startsWith(`${other.path}/`))),
  );
const observation = fc.record({
  scenario: fc.constant('suite/one'),
  tier: fc.constantFrom('T1' as const, 'T2' as const),
  runs: fc.array(
    fc.record({
      end: fc.constantFrom<Observation['runs'][number]['end']>(
        { kind: 'exit', code: 3 },
        { kind: 'signal', signal: 'TERM' },
      ),
      stdout: contents,
      stderr: contents,
      milliseconds: fc.nat(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  host: fc.record({ rows, deleted: fc.array(fc.constant('/etc/gone'), { maxLength: 1 }) }),
  container: fc.record({ rows, deleted: fc.constant([]), rootMode: fc.constant('0700') }),
  leftovers: fc.array(fc.string(), { maxLength: 2 }),
});

test('whatever was observed is read back, each channel from a file of its own', async () => {
  await fc.assert(
    fc.asyncProperty(observation, async (written) => {
      const directory = join(temporaryDirectory(), 'kept');
      await writeObservation(directory, written);
      const read = await readObservation(directory);
      expect(await mapContents(read, async (_, content) => ({ kind: 'bytes', bytes: await bytesOf(content) }))).toEqual(
        written,
      );
      expect(await readFile(join(directory, 'run1', 'stdout'))).toEqual(await bytesOf(written.runs[0]?.stdout));
    }),
    { numRuns: 40 },
  );
});

async function bytesOf(content: Content | undefined): Promise<Buffer> {
  if (content?.kind === 'bytes') return content.bytes;
  if (content?.kind === 'file') return await readFile(content.path);
  throw new Error('expected bytes');
}

test('contents in files are copied, and token values come back', async () => {
  const directory = temporaryDirectory();
  await writeFile(join(directory, 'big'), 'large');
  const one = testObservation(testScenario('one'));
  const tokens = new Map([['iso-local:1', { kind: 'iso-local' as const, value: '2026-05-02T21:51:23' }]]);
  const kept = join(directory, 'kept');
  await writeObservation(kept, {
    ...one,
    tokens,
    leftovers: ['sleep'],
    runs: one.runs.map((run) => ({ ...run, stdout: { kind: 'file', path: join(directory, 'big'), size: 5 } })),
  });
  await writeFile(join(directory, 'big'), 'other');
  const read = await readObservation(kept);
  expect(read.tokens).toEqual(tokens);
  expect(await bytesOf(read.runs[0]?.stdout)).toEqual(Buffer.from('large'));
});

test('a path that leads out of its tree is refused, and what is not there is named', async () => {
  const one = testObservation(testScenario('one'));
  const evil = {
    ...one,
    host: {
      rows: [{ path: '/../../x', type: 'file' as const, mode: '0644', contents: one.runs[0]?.stdout } as never],
      deleted: [],
    },
  };
  await expect(writeObservation(join(temporaryDirectory(), 'kept'), evil)).rejects.toMatchObject({
    code: 'EVIDENCE_INVALID',
  });
  await expect(readObservation(temporaryDirectory())).rejects.toMatchObject({ code: 'EVIDENCE_MISSING' });
});

test('any value with bytes in it survives JSON', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((raw) => Buffer.from(raw)),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree')),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('tree'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(fromPlain(JSON.parse(JSON.stringify(toPlain(value))))).toEqual(value);
    }),
  );
});
