import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { killAt, temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { writeFileAtomic } from './files.ts';
import { sweepTemporaries, temporaryName } from './temporary.ts';

describe('temporaryName', () => {
  test('is beside the file, hidden, and another one each time', () => {
    const name = temporaryName('/a/b/file.json');
    expect(dirname(name)).toBe('/a/b');
    expect(basename(name)).toMatch(/^\.file\.json\..+\.tmp$/);
    expect(temporaryName('/a/b/file.json')).not.toBe(name);
  });

  test('fits into 255 bytes for any name that does', async () => {
    const path = join(temporaryDirectory(), '\u65e5'.repeat(85));
    await writeFileAtomic(path, 'x');
    expect(await readFile(path, 'utf8')).toBe('x');
  });
});

describe('sweepTemporaries', () => {
  test('removes what a killed process left, and nothing else', async () => {
    const dir = temporaryDirectory();
    const work = temporaryDirectory();
    await writeFiles(work, {
      'child.ts': `import { writeFileAtomic } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
        await writeFileAtomic(${JSON.stringify(join(dir, 'state.json'))}, 'x');`,
    });
    const run = await killAt({ script: join(work, 'child.ts') }, 1, 'after');
    expect(run.signal).toBe('SIGKILL');
    const [left = '', ...more] = await readdir(dir);
    expect(left).toMatch(/^\.state\.json\..*\.tmp$/);
    expect(more).toEqual([]);
    const mine = basename(temporaryName(join(dir, 'state.json')));
    const foreign = left.replace(/-[0-9a-f]{8}\./, '-00000000.');
    await writeFiles(dir, { [mine]: '', [foreign]: '', 'notes.tmp': '', '.hidden.tmp': '' });
    await sweepTemporaries(dir);
    expect((await readdir(dir)).sort()).toEqual([mine, foreign, 'notes.tmp', '.hidden.tmp'].sort());
  });

  test('removes directories with all they hold, and does not follow links out of them', async () => {
    const dir = temporaryDirectory();
    const mine = basename(temporaryName(join(dir, 'export')));
    // No process has a pid this high, so it is one of this machine that has ended.
    const left = mine.replace(/\.[0-9]+-/, '.2147483647-');
    await writeFiles(dir, { [`${left}/sub/f`]: 'x', [`${mine}/sub/f`]: 'x', 'outside/f': 'x' });
    await symlink('../outside', join(dir, left, 'link'));
    await sweepTemporaries(dir);
    expect((await readdir(dir)).sort()).toEqual([mine, 'outside'].sort());
    expect(await readFile(join(dir, 'outside', 'f'), 'utf8')).toBe('x');
  });

  test('finds nothing in a directory that is not there, and says when it is none', async () => {
    const dir = temporaryDirectory();
    await sweepTemporaries(join(dir, 'none'));
    await writeFile(join(dir, 'file'), '');
    await expect(sweepTemporaries(join(dir, 'file'))).rejects.toThrow(/ENOTDIR/);
  });
});
