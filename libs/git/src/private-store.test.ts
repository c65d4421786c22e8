import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { hashObject } from './hash-object.ts';
import { openObjectStore } from './open-object-store.ts';
import { pathText } from './path-text.ts';
import { bareRepository, gitIn, gitLine } from './test-objects.ts';
import { failure } from './test-open.ts';
import { leaf, walkLeaves, withEntry } from './trees.ts';

/** Every file below a directory with its content; what links point to, and empty directories. */
async function contents(dir: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) all[name] = `-> ${await readlink(path)}`;
    else if (stat.isFile())
      all[name] = (await readFile(path)).toString('latin1') + ((stat.mode & 0o100) !== 0 ? '!' : '');
    else {
      const below = await contents(path);
      if (Object.keys(below).length === 0) all[`${name}/`] = '';
      for (const [one, text] of Object.entries(below)) all[`${name}/${one}`] = text;
    }
  }
  return all;
}

describe('withPrivateObjects', () => {
  it('shows new objects on top of old ones, and writes nothing to the repository', async () => {
    const { dir, git } = await temporaryRepository({ old: 'old\n' });
    const store = await openObjectStore(dir);
    const blob = hashObject('sha1', 'blob', Buffer.from('new\n'));
    const { id, objects } = store.treeObjects(
      withEntry(await store.readTree('HEAD'), 'd/new', leaf('100644', blob.id)),
    );
    const before = await git('count-objects', '-v');
    let place = '';
    await store.withPrivateObjects([blob, ...objects], async (inner) => {
      place = inner.dir;
      expect([...walkLeaves(await inner.readTree(id))].map(({ path }) => path)).toEqual(['d/new', 'old']);
      expect((await inner.readBlob(blob.id)).toString()).toBe('new\n');
      expect(await inner.isAncestor(await store.resolveCommit('HEAD'), await store.resolveCommit('HEAD'))).toBe(true);
      expect(lstatSync(place).mode & 0o777).toBe(0o700);
    });
    expect(existsSync(place)).toBe(false);
    expect(await git('count-objects', '-v')).toBe(before);
    expect(await store.missing([blob.id, id])).toEqual([blob.id, id]);
    await store.close();
  });

  it('is removed when the work fails', async () => {
    const { dir } = await temporaryRepository({ a: '1' });
    const store = await openObjectStore(dir);
    let place = '';
    const work = store.withPrivateObjects([], async (inner) => {
      place = inner.dir;
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(existsSync(place)).toBe(false);
  });

  it.each(['#odd', '"quo\\ted"', 'new\nline', ' '])('sees the objects of a repository at %j', async (name) => {
    const dir = join(temporaryDirectory('git'), name);
    await mkdir(dir);
    await gitIn(dir, ['init', '--quiet', '--object-format=sha256']);
    const id = await gitLine(dir, ['hash-object', '-w', '--stdin'], 'x');
    const store = await openObjectStore(dir);
    const read = await store.withPrivateObjects([], (inner) => inner.readBlob(id));
    expect(read.toString()).toBe('x');
  });

  it('sees what a clone borrows from others, also by a relative path, and history of a shallow one', async () => {
    const made = await temporaryRepository({ a: '1' });
    const head = await made.commit('two', { a: '2' });
    const root = temporaryDirectory('git');
    await made.git('clone', '--quiet', '--bare', made.dir, join(root, 'origin.git'));
    await gitIn(root, ['clone', '--quiet', '--bare', '--shared', 'origin.git', 'shared.git']);
    await writeFile(join(root, 'shared.git/objects/info/alternates'), '../../origin.git/objects\n');
    await gitIn(root, ['clone', '--quiet', '--depth=1', `file://${root}/origin.git`, 'shallow']);
    for (const place of ['shared.git', 'shallow']) {
      const store = await openObjectStore(join(root, place));
      await store.withPrivateObjects([], async (inner) => {
        expect((await inner.readTree(head)).leaves).toBe(1);
        expect(await inner.isAncestor(head, head)).toBe(true);
        expect(await inner.commitsWithTrailer({ key: 'X', from: [head] })).toEqual([]);
      });
      await store.close();
    }
  });
});

describe('checkOut', () => {
  it('writes the bytes of the blobs, whatever configuration and attributes say', async () => {
    const made = await temporaryRepository();
    const odd = pathText(Buffer.from([0x66, 0xff]));
    await made.write({
      '.gitattributes': '* text=auto eol=crlf\n*.id ident\n*.lfs filter=lfs\n*.u working-tree-encoding=UTF-16\n',
      'unix.txt': 'a\nb\n',
      'x.id': '$Id$\n',
      'big.lfs': 'version https://example.com/lfs\n',
      run: '#!/bin/sh\n',
      '-dash/new\nline': 'x',
    });
    await writeFile(Buffer.concat([Buffer.from(`${made.dir}/f`), Buffer.from([0xff])]), 'odd');
    await symlink('nowhere', join(made.dir, 'link'));
    await made.git('-c', 'core.safecrlf=false', 'add', '--all');
    for (const [path, text] of [
      ['dos.txt', 'a\r\nb\n'],
      ['wide.u', 'plain\n'],
    ] as const) {
      await writeFile(join(made.dir, 'raw'), text);
      const id = await made.git('hash-object', '-w', '--no-filters', 'raw');
      await made.git('update-index', '--add', '--cacheinfo', `100644,${id},${path}`);
    }
    await made.git('update-index', '--chmod=+x', 'run');
    await made.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
    await made.git('commit', '--quiet', '--message', 'one');
    await made.git('config', 'core.autocrlf', 'true');
    await made.git('config', 'core.symlinks', 'false');
    await made.git('config', 'filter.lfs.smudge', 'sed s/^/smudged/');
    await made.git('config', 'filter.lfs.required', 'true');
    const index = await readFile(join(made.dir, '.git', 'index'));

    const store = await openObjectStore(made.dir);
    const { id = '' } = await store.readTree('HEAD');
    const to = temporaryDirectory('out');
    const some = temporaryDirectory('out');
    await store.withPrivateObjects([], async (inner) => {
      await inner.checkOut(id, to);
      await inner.checkOut(id, some, ['-dash', odd, 'link', 'run']);
    });
    const expected = {
      '-dash/new\nline': 'x',
      '.gitattributes': '* text=auto eol=crlf\n*.id ident\n*.lfs filter=lfs\n*.u working-tree-encoding=UTF-16\n',
      'big.lfs': 'version https://example.com/lfs\n',
      'dos.txt': 'a\r\nb\n',
      'unix.txt': 'a\nb\n',
      'wide.u': 'plain\n',
      'x.id': '$Id$\n',
      link: '-> nowhere',
      run: '#!/bin/sh\n!',
      'sub/': '',
    };
    expect((await readdir(some)).sort()).toEqual(['-dash', 'f\ufffd', 'link', 'run']);
    // Node cannot open a name that is not UTF-8 by its text.
    const bytes = Buffer.concat([Buffer.from(`${to}/f`), Buffer.from([0xff])]);
    expect((await readFile(bytes)).toString()).toBe('odd');
    await rm(bytes);
    expect(await contents(to)).toEqual(expected);
    expect(await readFile(join(made.dir, '.git', 'index'))).toEqual(index);
    expect(await made.git('worktree', 'list', '--porcelain')).not.toContain(to);
    await store.close();
  });

  it('runs no hooks, and writes an empty tree', async () => {
    const made = await temporaryRepository({ a: '1' });
    await writeFile(join(made.dir, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${made.dir}/ran\n`, { mode: 0o755 });
    const store = await openObjectStore(made.dir);
    const empty = hashObject('sha1', 'tree', Buffer.alloc(0));
    await store.withPrivateObjects([empty], async (inner) => {
      const to = temporaryDirectory('out');
      await inner.checkOut(empty.id, to);
      expect(await readdir(to)).toEqual([]);
      await inner.checkOut((await store.readTree('HEAD')).id ?? '', to, []);
      expect(await readdir(to)).toEqual([]);
      await inner.checkOut((await store.readTree('HEAD')).id ?? '', to, ['a']);
      expect(await readdir(to)).toEqual(['a']);
    });
    expect(existsSync(join(made.dir, 'ran'))).toBe(false);
    await store.close();
  });

  it('names a path that the tree does not have', async () => {
    const store = await openObjectStore(await bareRepository());
    const empty = hashObject('sha1', 'tree', Buffer.alloc(0));
    await store.withPrivateObjects([empty], async (inner) => {
      const to = temporaryDirectory('out');
      expect((await failure(inner.checkOut(empty.id, to, ['*']))).message).toContain("'*' did not match any file");
      for (const path of ['', '/etc']) {
        expect(await failure(inner.checkOut(empty.id, to, [path]))).toMatchObject({ code: 'GIT_FAILED' });
      }
      expect(await failure(inner.checkOut(empty.id, to, ['../x']))).toMatchObject({ code: 'GIT_FAILED' });
    });
  });
});
