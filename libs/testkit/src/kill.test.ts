import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  type ChildCommand,
  delayAt,
  enumerateEffects,
  failAt,
  killAt,
  killMatrix,
  runWithEffects,
  temporaryDirectory,
  writeFiles,
} from './index.ts';

const kernel = pathToFileURL(join(import.meta.dirname, '..', '..', 'kernel', 'src', 'index.ts')).href;

/** A child that writes a.txt and then b.txt, each atomically. */
async function twoFiles(): Promise<{ dir: string; command: ChildCommand }> {
  const dir = temporaryDirectory('two-files');
  await writeFiles(dir, {
    'child.ts': `import { toBatonError, writeFileAtomic } from ${JSON.stringify(kernel)};
      try {
        const [dir] = process.argv.slice(2) as [string];
        await writeFileAtomic(dir + '/a.txt', 'whole a');
        await writeFileAtomic(dir + '/b.txt', 'whole b');
        console.log('variables', Object.keys(process.env).filter((name) => name.startsWith('BATON')).length);
      } catch (error) {
        console.error(toBatonError(error).code);
        process.exitCode = 3;
      }`,
  });
  return { dir, command: { script: join(dir, 'child.ts'), args: [join(dir, 'out')] } };
}

const content = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

describe('effects of a child', () => {
  test('are listed in order, numbered from 1', async () => {
    const { dir, command } = await twoFiles();
    const effects = await enumerateEffects(command);
    expect(effects.map(({ n, kind }) => `${n} ${kind}`)).toEqual([
      '1 mkdir',
      '2 write',
      '3 rename',
      '4 fsync',
      '5 write',
      '6 rename',
      '7 fsync',
    ]);
    expect(effects[2]?.target).toBe(join(dir, 'out', 'a.txt'));
  });

  test('are listed up to the kill, which happens before or after the change', async () => {
    const before = await twoFiles();
    const killedBefore = await killAt(before.command, 3, 'before');
    expect(killedBefore.signal).toBe('SIGKILL');
    expect(killedBefore.effects).toHaveLength(3);
    expect(await content(join(before.dir, 'out', 'a.txt'))).toBeUndefined();
    const after = await twoFiles();
    expect((await killAt(after.command, 3, 'after')).signal).toBe('SIGKILL');
    expect(await content(join(after.dir, 'out', 'a.txt'))).toBe('whole a');
    expect(await content(join(after.dir, 'out', 'b.txt'))).toBeUndefined();
  });

  test('can fail with a system error and change nothing', async () => {
    const { dir, command } = await twoFiles();
    const run = await failAt(command, 5);
    expect(run.stderr.toString('utf8').trim()).toBe('DISK_FULL');
    expect(await content(join(dir, 'out', 'b.txt'))).toBeUndefined();
    expect(await readdir(join(dir, 'out'))).toEqual(['a.txt']);
  });

  test('can be delayed, which changes nothing else', async () => {
    const { dir, command } = await twoFiles();
    expect((await delayAt(command, 2, 20)).code).toBe(0);
    expect(await content(join(dir, 'out', 'b.txt'))).toBe('whole b');
  });

  test('leave the instruction out of the environment that production code sees', async () => {
    const run = await runWithEffects((await twoFiles()).command);
    expect(run.stdout.toString('utf8').trim()).toBe('variables 0');
  });

  test('of a child that fails are an error with what it printed', async () => {
    const dir = temporaryDirectory('fails');
    await writeFiles(dir, { 'child.ts': `console.error('no such thing'); process.exit(3);` });
    await expect(enumerateEffects({ script: join(dir, 'child.ts') })).rejects.toThrow(/ended with 3:\nno such thing/);
  });
});

describe('killMatrix', () => {
  test('tries every point in a fresh state', async () => {
    const points = await killMatrix(twoFiles, async ({ dir, command }) => {
      for (const name of ['a', 'b']) {
        const found = await content(join(dir, 'out', `${name}.txt`));
        expect(found === undefined || found === `whole ${name}`).toBe(true);
      }
      const again = await runWithEffects(command);
      expect(again.code).toBe(0);
      expect(await content(join(dir, 'out', 'b.txt'))).toBe('whole b');
    });
    expect(points).toHaveLength(14);
  });

  test('names the point whose check failed', async () => {
    const failing = killMatrix(twoFiles, async ({ dir }) => {
      if (existsSync(join(dir, 'out', 'a.txt'))) throw new Error('a is there');
    });
    await expect(failing).rejects.toThrow(/^killed after effect 3 \(rename .*a\.txt\): a is there$/);
  });

  test('refuses a child without effects', async () => {
    const dir = temporaryDirectory('idle');
    await writeFiles(dir, { 'child.ts': '' });
    const prepare = async () => ({ command: { script: join(dir, 'child.ts') } });
    await expect(killMatrix(prepare, async () => undefined)).rejects.toThrow(/no effects/);
  });

  test('tries a point once more when a run had an effect or two fewer', async () => {
    let runs = 0;
    const prepare = async () => {
      runs += 1;
      const state = await twoFiles();
      if (runs !== 2) return state;
      await writeFiles(state.dir, {
        'half.ts': `await (await import(${JSON.stringify(kernel)})).writeFileAtomic(process.argv[2] + '/a.txt', '');`,
      });
      return { ...state, command: { ...state.command, script: join(state.dir, 'half.ts') } };
    };
    const seen: (string | undefined)[] = [];
    const look = async ({ dir }: { dir: string }) => void seen.push(await content(join(dir, 'out', 'a.txt')));
    const last = await killMatrix(prepare, look, { choose: ({ effect, when }) => effect.n === 7 && when === 'after' });
    expect([last.length, runs, seen]).toEqual([1, 3, ['whole a']]);
  });

  test('reports a child that never reaches its point', async () => {
    let runs = 0;
    const prepare = async () => {
      runs += 1;
      const state = await twoFiles();
      return runs === 1 ? state : { ...state, command: { script: join(state.dir, 'short.ts') } };
    };
    await expect(killMatrix(prepare, async () => undefined)).rejects.toThrow(/^not killed before effect 1/);
  });
});
