import { compareText } from '@baton/kernel';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flattenLayers, flattenOnce, type LayerSource } from './flatten.ts';
import type { TarEntry } from './tar-entry.ts';
import { encodeHeader, padding } from './tar-header.ts';
import type { TarReadEntry } from './tar-read.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces, symbolic } from './test-tar.ts';

/** An archive of these entries as they are: also with names that come twice, which the writer would refuse. */
function archiveOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((item) => [
    encodeHeader(item),
    Buffer.from((item.content as Uint8Array | undefined) ?? ''),
    Buffer.alloc(padding(item.size)),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Layers that count how often each is opened. */
function sourcesOf(layers: readonly (readonly TarEntry[])[]): { sources: LayerSource[]; opened: number[] } {
  const opened = layers.map(() => 0);
  const sources = layers.map((entries, i) => ({
    where: `layer ${i}`,
    open: () => {
      opened[i] = (opened[i] ?? 0) + 1;
      return pieces(archiveOf(entries), 1000);
    },
  }));
  return { sources, opened };
}

async function tree(entries: AsyncIterable<TarReadEntry>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { header, body } of entries) {
    const content = await bytesOf(body);
    lines.push(JSON.stringify([header.path, header, content.toString()]));
  }
  return lines.sort(compareText);
}

test('each layer is opened once, from the top down', async () => {
  const { sources, opened } = sourcesOf([
    [directory('d'), entry('d/a', 'old'), entry('d/b', 'kept'), hard('d/c', 'd/b')],
    [entry('d/a', 'new'), entry('d/.wh.c')],
    [directory('d', { mode: 0o700 }), entry('e/f', 'x'), hard('e/g', 'd/a')],
  ]);
  const files: string[] = [];
  await flattenOnce(sources, async (entries) => {
    for await (const { header } of entries) if (header.type === 'file') files.push(header.path);
  });
  expect(opened).toEqual([1, 1, 1]);
  expect(files).toEqual(['e/f', 'd/a', 'd/b']);
});

test('only the layer of a file whose own name is hidden is opened again', async () => {
  const { sources, opened } = sourcesOf([[entry('z', 'x')], [entry('a', 'old'), hard('b', 'a')], [entry('a', 'new')]]);
  expect(await flattenOnce(sources, tree)).toEqual(
    await tree(
      flattenLayers(sourcesOf([[entry('z', 'x')], [entry('a', 'old'), hard('b', 'a')], [entry('a', 'new')]]).sources),
    ),
  );
  expect(opened).toEqual([1, 2, 1]);
});

test('a guess that was wrong calls the consumer again, once', async () => {
  const { sources, opened } = sourcesOf([[directory('usr'), symbolic('lib', 'usr')], [entry('lib/a', 'x')]]);
  let calls = 0;
  const found = await flattenOnce(sources, async (entries) => {
    calls += 1;
    return await tree(entries);
  });
  expect(calls).toBe(2);
  expect(opened).toEqual([1, 2]);
  expect(found.some((line) => line.startsWith('["usr/a"'))).toBe(true);
});

test('an error of the consumer is not a wrong guess', async () => {
  const { sources } = sourcesOf([[entry('a', 'x')]]);
  let calls = 0;
  const broken = flattenOnce(sources, async (entries) => {
    calls += 1;
    for await (const { header } of entries) throw new RangeError(header.path);
  });
  await expect(broken).rejects.toThrow(new RangeError('a'));
  expect(calls).toBe(1);
});

test('what is sent never has two files of one name, or one below another', async () => {
  for (const layers of [
    [[entry('a', '1'), entry('a', '2')]],
    [[entry('f', '1'), entry('f/x', '2')]],
    [[entry('f', '1')], [entry('f/x', '2')]],
  ]) {
    const { sources } = sourcesOf(layers);
    const consume = (entries: AsyncIterable<TarReadEntry>): Promise<Buffer> =>
      bytesOf(
        writeTar(
          (async function* () {
            for await (const { header, body } of entries) yield { ...header, content: () => body };
          })(),
        ),
      );
    const said = await flattenOnce(sources, consume).then(
      () => 'fine',
      (error: { code?: string }) => error.code,
    );
    expect(said).toMatch(/^(fine|LAYER_INVALID)$/);
  }
});

describe('compared with two readings', () => {
  const names = fc.constantFrom('a', 'b', 'l', 'a/b', 'a/c', 'l/a', 'l/b', 'a/b/c', 'l/a/b');
  const one: fc.Arbitrary<TarEntry> = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(names, fc.string({ maxLength: 3 })).map(([path, text]) => entry(path, text)) },
    { weight: 3, arbitrary: names.map((path) => directory(path)) },
    {
      weight: 2,
      arbitrary: fc.tuple(names, fc.constantFrom('a', 'b', '/a/b', '..', 'l')).map(([p, t]) => symbolic(p, t)),
    },
    names.map((path) => entry(path.replace(/([^/]+)$/, '.wh.$1'))),
    fc.constantFrom('', 'a/', 'l/').map((dir) => entry(`${dir}.wh..wh..opq`)),
    fc.tuple(names, names).map(([path, target]) => hard(path, target)),
  );

  test('the trees are the same, also with links, names that come twice and parents that are missing', async () => {
    let good = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(one, { maxLength: 4 }), { minLength: 1, maxLength: 3 }), async (layers) => {
        const settle = (run: Promise<string[]>): Promise<unknown> =>
          run.catch((error: { code?: string }) => error.code);
        const twice = await settle(tree(flattenLayers(sourcesOf(layers).sources)));
        const once = await settle(flattenOnce(sourcesOf(layers).sources, tree));
        expect(once).toEqual(twice);
        if (Array.isArray(twice)) good += 1;
      }),
      { numRuns: 1500 },
    );
    expect(good).toBeGreaterThan(300);
  });
});
