import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { compareText } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flattenLayers, flattenOnce } from './flatten.ts';
import type { TarEntry, TarHeader } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces } from './test-tar.ts';

async function flatten(...layers: TarEntry[][]): Promise<{ header: TarHeader; content: Buffer }[]> {
  const archives = await Promise.all(layers.map((entries) => bytesOf(writeTar(entries))));
  const sources = archives.map((bytes, i) => ({ where: `layer ${i}`, open: () => pieces(bytes, 3000) }));
  const out: { header: TarHeader; content: Buffer }[] = [];
  for await (const { header, body } of flattenLayers(sources)) out.push({ header, content: await bytesOf(body) });
  return out;
}

/** The same, with each layer read once. */
async function flattenedOnce(...layers: TarEntry[][]): Promise<string[]> {
  const archives = await Promise.all(layers.map((entries) => bytesOf(writeTar(entries))));
  const sources = archives.map((bytes, i) => ({ where: `layer ${i}`, open: () => pieces(bytes, 3000) }));
  return await flattenOnce(sources, async (entries) => {
    const lines: string[] = [];
    for await (const { header, body } of entries) lines.push(line(header, await bytesOf(body)));
    return lines;
  });
}

function line(header: TarHeader, content: Buffer): string {
  return `${header.path} ${header.type} ${header.linkTarget ?? content.toString()}`.trim();
}

/** The tree as lines: 'path type content-or-target'. */
async function tree(...layers: TarEntry[][]): Promise<string[]> {
  const out = await flatten(...layers);
  return out.map(({ header, content }) => line(header, content));
}

describe('compared with layers that are unpacked one over the other', () => {
  const names = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'b/a', 'a/b/c');
  const one: fc.Arbitrary<TarEntry> = fc.oneof(
    fc.tuple(names, fc.string({ maxLength: 3 })).map(([path, text]) => entry(path, text)),
    names.map((path) => directory(path)),
    names.map((path) => entry(path.replace(/([^/]+)$/, '.wh.$1'))),
    fc.constantFrom('', 'a/', 'b/').map((dir) => entry(`${dir}.wh..wh..opq`)),
    fc.tuple(names, names).map(([path, target]) => hard(path, target)),
  );
  const layer = fc.uniqueArray(one, { selector: ({ path }) => path, maxLength: 5 }).map(wholeDirectories);

  test('the trees are the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { minLength: 1, maxLength: 3 }), async (layers) => {
        const expected = model(layers);
        for (const flat of [tree, flattenedOnce]) {
          const found = await flat(...layers).catch((error: unknown) => (error as { code?: string }).code);
          if (expected === undefined) expect(found).toBe('LAYER_INVALID');
          else expect(plain(found)).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  /** A layer as tools write it: each directory that holds something has an entry of its own, before what it holds. */
  function wholeDirectories(entries: TarEntry[]): TarEntry[] {
    const paths = new Set(entries.map(({ path }) => path));
    const parents = entries.flatMap(({ path }) =>
      path.includes('/')
        ? path
            .split('/')
            .slice(0, -1)
            .map((_, i, all) => all.slice(0, i + 1).join('/'))
        : [],
    );
    const added = [...new Set(parents)].filter((path) => !paths.has(path)).map((path) => directory(path));
    const usable = entries.filter((item) => item.type === 'directory' || !parents.includes(item.path));
    const missing = parents.filter(
      (path) => !usable.some((item) => item.path === path) && !added.some((item) => item.path === path),
    );
    return [...usable, ...added, ...[...new Set(missing)].map((path) => directory(path))].sort((a, b) =>
      compareText(a.path, b.path),
    );
  }

  /** Paths with content; names of one file share it. Undefined where a layer cannot be applied. */
  function model(layers: TarEntry[][]): string[] | undefined {
    const files = new Map<string, { text: string } | 'directory'>();
    const drop = (path: string): void => {
      for (const key of [...files.keys()]) if (key === path || key.startsWith(`${path}/`)) files.delete(key);
    };
    for (const entries of layers) {
      for (const { path } of entries) {
        const slash = path.lastIndexOf('/') + 1;
        const [dir, name] = [path.slice(0, slash), path.slice(slash)];
        if (name === '.wh..wh..opq') for (const key of [...files.keys()]) if (key.startsWith(dir)) drop(key);
        if (name.startsWith('.wh.') && name !== '.wh..wh..opq') drop(dir + name.slice(4));
      }
      for (const item of entries.filter(({ path }) => !/(^|\/)\.wh\./.test(path))) {
        if (item.type === 'hardlink') {
          const target = files.get(item.linkTarget ?? '');
          if (target === undefined || target === 'directory') return undefined;
          drop(item.path);
          files.set(item.path, target);
        } else if (item.type === 'directory') {
          if (files.get(item.path) !== 'directory') drop(item.path);
          files.set(item.path, 'directory');
        } else {
          drop(item.path);
          files.set(item.path, { text: Buffer.from((item.content as Uint8Array | undefined) ?? '').toString() });
        }
      }
    }
    return [...files].map(([path, what]) => `${path} ${what === 'directory' ? '' : `file ${what.text}`}`.trim()).sort();
  }

  /** The same form, links replaced by the content they name. */
  function plain(lines: string[] | string | undefined): string[] {
    if (!Array.isArray(lines)) throw new Error(`expected a tree, found ${lines}`);
    const texts = new Map(lines.map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]));
    return lines
      .map((line) => {
        const [path = '', type = '', target = ''] = line.split(' ');
        if (type === 'directory') return path;
        return `${path} ${type === 'hardlink' ? texts.get(target) : line.slice(path.length + 1)}`.trim();
      })
      .sort();
  }

  test('GNU tar agrees where no layer takes anything away', async () => {
    const dir = temporaryDirectory('flatten');
    const layers = [
      [directory('d'), entry('d/a', '1'), entry('x', 'old')],
      [entry('x', 'new'), directory('d/e'), entry('d/e/f', '2'), hard('d/g', 'x')],
    ];
    for (const entries of layers)
      execFileSync('tar', ['-xf', '-', '-C', dir], { input: await bytesOf(writeTar(entries)) });
    const paths = (await flatten(...layers)).map(({ header }) => header.path);
    expect(paths.sort(compareText)).toEqual((readdirSync(dir, { recursive: true }) as string[]).sort(compareText));
  });
});
