import { compareText } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { flattenLayers, flattenOnce } from './flatten.ts';
import type { TarEntry, TarHeader } from './tar-entry.ts';
import type { TarReadEntry } from './tar-read.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces, readAll, symbolic } from './test-tar.ts';

type Flat = { header: TarHeader; content: Buffer }[];

async function collect(entries: AsyncIterable<TarReadEntry>): Promise<Flat> {
  const out: Flat = [];
  for await (const { header, body } of entries) out.push({ header, content: await bytesOf(body) });
  return out.sort((a, b) => compareText(a.header.path, b.header.path));
}

/** The tree by path, made in both ways, which must give the same. */
async function flatten(...layers: TarEntry[][]): Promise<Flat> {
  const archives = await Promise.all(layers.map((entries) => bytesOf(writeTar(entries))));
  const sources = archives.map((bytes, i) => ({ where: `layer ${i}`, open: () => pieces(bytes, 3000) }));
  const [twice, once] = await Promise.allSettled([collect(flattenLayers(sources)), flattenOnce(sources, collect)]);
  expect(once).toEqual(twice);
  if (twice.status === 'rejected') throw twice.reason;
  return twice.value;
}

/** The tree as lines: 'path type content-or-target'. */
async function tree(...layers: TarEntry[][]): Promise<string[]> {
  const out = await flatten(...layers);
  return out.map(({ header, content }) =>
    `${header.path} ${header.type} ${header.linkTarget ?? content.toString()}`.trim(),
  );
}

const invalid = (part: string): unknown =>
  expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringContaining(part) as string });

describe('what upper layers do to lower ones', () => {
  test('the upper file wins', async () => {
    const lower = [directory('d'), entry('d/a', 'old'), entry('d/b', 'kept')];
    expect(await tree(lower, [entry('d/a', 'new')])).toEqual(['d directory', 'd/a file new', 'd/b file kept']);
  });

  test('a whiteout hides a file, and a directory with all that is in it', async () => {
    const lower = [directory('d'), directory('d/e'), entry('d/e/f', 'x'), entry('a', 'x'), entry('b', 'x')];
    expect(await tree(lower, [entry('.wh.a'), entry('d/.wh.e')])).toEqual(['b file x', 'd directory']);
  });

  test('a whiteout hides only what is below its layer, wherever it stands in it', async () => {
    expect(await tree([entry('a', 'old')], [entry('a', 'new'), entry('.wh.a')])).toEqual(['a file new']);
    expect(await tree([entry('a', 'old')], [entry('.wh.a'), entry('a', 'new')])).toEqual(['a file new']);
    expect(await tree([entry('.wh.a')], [entry('a', 'x')])).toEqual(['a file x']);
  });

  test('an opaque directory hides what lower layers have in it, not what its own layer has', async () => {
    const lower = [directory('d', { mode: 0o700 }), entry('d/old', 'x'), directory('d/e'), entry('d/e/f', 'x')];
    const upper = [entry('d/new', 'y'), entry('d/.wh..wh..opq'), directory('d/e')];
    expect(await tree(lower, upper)).toEqual(['d directory', 'd/e directory', 'd/new file y']);
    const [root] = await flatten(lower, upper);
    expect(root?.header.mode).toBe(0o700);
  });

  test('an opaque root hides everything below it', async () => {
    expect(await tree([entry('a', 'x'), directory('d')], [entry('.wh..wh..opq'), entry('b', 'y')])).toEqual([
      'b file y',
    ]);
  });

  test('other names that aufs kept for itself are passed over', async () => {
    expect(await tree([entry('a', 'x')], [entry('.wh..wh.aufs'), directory('.wh..wh.plnk')])).toEqual(['a file x']);
  });

  test('a whiteout of nothing in particular is refused', async () => {
    for (const name of ['.wh.', '.wh...', '.wh..'])
      await expect(tree([entry(name)])).rejects.toEqual(invalid('hides no name'));
  });

  test('a file in place of a directory takes all of it away, and the reverse', async () => {
    const lower = [directory('x'), entry('x/a', '1'), entry('y', '2')];
    expect(await tree(lower, [entry('x', 'file'), directory('y'), entry('y/b', '3')])).toEqual([
      'x file file',
      'y directory',
      'y/b file 3',
    ]);
  });

  test('a directory over a directory changes its attributes and keeps its content', async () => {
    const out = await flatten(
      [directory('d', { mode: 0o700 }), entry('d/a', 'x')],
      [directory('d', { mode: 0o755, uid: 9 })],
    );
    expect(out.map(({ header }) => [header.path, header.mode, header.uid])).toEqual([
      ['d', 0o755, 9],
      ['d/a', 0o644, 0],
    ]);
  });

  test('a directory that comes after its own files keeps them', async () => {
    expect(await tree([entry('d/a', 'x'), directory('d')])).toEqual(['d directory', 'd/a file x']);
  });

  test('parents that no layer has are added', async () => {
    const [d, e] = await flatten([entry('d/e/a', 'x')]);
    expect([d?.header, e?.header]).toEqual([
      { path: 'd', type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
      { path: 'd/e', type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 },
    ]);
  });

  test('an entry below a file is refused', async () => {
    await expect(tree([entry('a', 'x')], [entry('a/b', 'x')])).rejects.toEqual(invalid('below "a", which is a file'));
  });
});

describe('symlinks', () => {
  const usrmerge = [directory('usr'), directory('usr/lib'), symbolic('lib', 'usr/lib')];

  test('names below one are put where it leads, in this layer and in later ones', async () => {
    expect(await tree(usrmerge, [entry('lib/a', 'x')])).toEqual([
      'lib symlink usr/lib',
      'usr directory',
      'usr/lib directory',
      'usr/lib/a file x',
    ]);
    expect(await tree([...usrmerge, entry('lib/a', 'x')])).toContain('usr/lib/a file x');
    expect(await tree([...usrmerge, entry('usr/lib/a', 'x')], [entry('lib/.wh.a')])).not.toContain('usr/lib/a file x');
  });

  test('a directory in place of one is a directory', async () => {
    expect(await tree(usrmerge, [directory('lib'), entry('lib/a', 'x')])).toEqual([
      'lib directory',
      'lib/a file x',
      'usr directory',
      'usr/lib directory',
    ]);
  });

  test('one that leads out of the root, or in circles, is refused only when a name passes through it', async () => {
    expect(await tree([symbolic('out', '../../etc'), symbolic('loop', 'loop')])).toHaveLength(2);
    await expect(tree([symbolic('out', '../../etc')], [entry('out/passwd', 'x')])).rejects.toEqual(
      invalid('leaves the root'),
    );
    await expect(tree([symbolic('loop', 'loop'), entry('loop/x', 'x')])).rejects.toEqual(invalid('circles'));
  });
});

describe('hard links', () => {
  test('stay links of one file', async () => {
    expect(await tree([entry('z', 'x'), hard('a', 'z')], [hard('b', 'a')])).toEqual([
      'a hardlink z',
      'b hardlink z',
      'z file x',
    ]);
  });

  test('keep the content when the name it came under is hidden or replaced above', async () => {
    const lower = [entry('a', 'old'), hard('b', 'a'), hard('c', 'b')];
    expect(await tree(lower, [entry('.wh.a')])).toEqual(['b file old', 'c hardlink b']);
    expect(await tree(lower, [entry('a', 'new')])).toEqual(['a file new', 'b file old', 'c hardlink b']);
  });

  test('to a target that is hidden, absent or a directory where the link is made are refused', async () => {
    await expect(tree([entry('a', 'x')], [entry('.wh.a'), hard('b', 'a')])).rejects.toEqual(
      invalid('not there or hidden'),
    );
    await expect(tree([hard('b', 'a'), entry('a', 'x')])).rejects.toEqual(invalid('not there or hidden'));
    await expect(tree([directory('a'), hard('b', 'a')])).rejects.toEqual(invalid('is a directory'));
  });

  test('to a symlink and to a device stay links', async () => {
    const special = [symbolic('s', 't'), entry('dev', '', { type: 'character', device: { major: 1, minor: 3 } })];
    expect(await tree([...special, hard('h', 's'), hard('i', 'dev')])).toEqual([
      'dev character',
      'h hardlink s',
      'i hardlink dev',
      's symlink t',
    ]);
  });
});

describe('the second reading', () => {
  test('is left out for layers without content that is seen', async () => {
    const lower = await bytesOf(writeTar([entry('a', 'hidden')]));
    const upper = await bytesOf(writeTar([entry('a', 'seen')]));
    const opened: string[] = [];
    const source = (where: string, bytes: Buffer) => ({
      where,
      open: () => {
        opened.push(where);
        return pieces(bytes);
      },
    });
    for await (const { body } of flattenLayers([source('lower', lower), source('upper', upper)])) await bytesOf(body);
    expect(opened).toEqual(['lower', 'upper', 'upper']);
  });

  test('of something else is LAYER_INVALID', async () => {
    const archives = [[entry('a', 'one')], [entry('a', 'other size')], [], [symbolic('a', 'b')]];
    const [first, ...others] = await Promise.all(archives.map((entries) => bytesOf(writeTar(entries))));
    for (const other of others) {
      let opened = 0;
      const layer = { where: 'layer', open: () => pieces((opened++ === 0 ? first : other) ?? Buffer.alloc(0)) };
      const all = async (): Promise<void> => {
        for await (const { body } of flattenLayers([layer])) await bytesOf(body);
      };
      await expect(all()).rejects.toEqual(invalid('second time'));
    }
  });
});

test('the result can be written and read as an archive: files from the top down, links, directories', async () => {
  const layers = [
    [directory('d'), entry('d/a', 'x'), hard('h', 'd/a')],
    [entry('e/f', 'y'), symbolic('s', 'e')],
  ];
  const archives = await Promise.all(layers.map((entries) => bytesOf(writeTar(entries))));
  const flat = async function* (): AsyncGenerator<TarEntry> {
    const sources = archives.map((bytes, i) => ({ where: `${i}`, open: () => pieces(bytes) }));
    for await (const { header, body } of flattenLayers(sources)) yield { ...header, content: () => body };
  };
  const read = await readAll(writeTar(flat()));
  expect(read.map(({ header }) => header.path)).toEqual(['e/f', 'd/a', 's', 'h', 'd', 'e']);
});
