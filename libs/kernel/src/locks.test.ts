import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runNode, temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { observeEffects } from './effects.ts';
import { lockAddress, withLock } from './locks.ts';

const kernel = join(import.meta.dirname, 'index.ts');
let counter = 0;
const freshName = (): string => `lock test ${process.pid} ${counter++} ${Math.random()}`;

const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  observeEffects(undefined);
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that holds the lock until it is killed; resolves when it has it. */
async function holder(name: string): Promise<ChildProcessWithoutNullStreams> {
  const dir = temporaryDirectory();
  await writeFiles(dir, {
    'holder.ts': `import { withLock } from ${JSON.stringify(kernel)};
      setInterval(() => undefined, 1000);
      await withLock(${JSON.stringify(name)}, () => new Promise(() => console.log('held')));`,
  });
  const child = spawn(process.execPath, [join(dir, 'holder.ts')], { stdio: 'pipe' });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('returns what the work returns and passes its error on, free again both times', async () => {
  const name = freshName();
  expect(await withLock(name, async () => 7)).toBe(7);
  await expect(withLock(name, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await withLock(name, async () => 8)).toBe(8);
});

test('lets one caller of a process in at a time, and all of them in the end', async () => {
  const name = freshName();
  let inside = 0;
  let most = 0;
  const results = await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      withLock(name, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        return i;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(results).toEqual(Array.from({ length: 25 }, (_, i) => i));
});

test('different names do not wait for each other', async () => {
  await withLock(freshName(), () => withLock(freshName(), async () => undefined));
});

test('processes do not lose each other’s updates', async () => {
  const dir = temporaryDirectory();
  const file = join(dir, 'count');
  await writeFile(file, '0');
  await writeFiles(dir, {
    'child.ts': `import { readFile, writeFile } from 'node:fs/promises';
      import { withLock } from ${JSON.stringify(kernel)};
      for (let i = 0; i < 20; i++) {
        await withLock(${JSON.stringify(freshName())}, async () => {
          const count = Number(await readFile(${JSON.stringify(file)}, 'utf8'));
          await writeFile(${JSON.stringify(file)}, String(count + 1));
        });
      }`,
  });
  const ends = await Promise.all(Array.from({ length: 4 }, () => runNode(join(dir, 'child.ts'))));
  expect(ends.map(({ code, stderr }) => [code, stderr.toString('utf8')])).toEqual(Array(4).fill([0, '']));
  expect(await readFile(file, 'utf8')).toBe('80');
});

test('is free at once when its holder is killed', async () => {
  const name = freshName();
  const child = await holder(name);
  let waited = 0;
  const mine = withLock(name, async () => 'mine', {
    onWait() {
      waited += 1;
      child.kill('SIGKILL');
    },
  });
  expect(await mine).toBe('mine');
  expect(waited).toBe(1);
});

describe('waiting', () => {
  test('ends with INTERRUPTED when the signal says so, and the holder keeps the lock', async () => {
    const name = freshName();
    await holder(name);
    const abort = new AbortController();
    const waiting = withLock(name, async () => 'mine', { signal: abort.signal, onWait: () => abort.abort() });
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    const again = withLock(name, async () => 'mine', { signal: AbortSignal.timeout(100) });
    await expect(again).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  test('does not begin when the signal is aborted already', async () => {
    let worked = false;
    const work = async (): Promise<void> => {
      worked = true;
    };
    const attempt = withLock(freshName(), work, { signal: AbortSignal.abort() });
    await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(worked).toBe(false);
  });
});

test('a lock whose effect fails after it was taken is given back', async () => {
  const name = freshName();
  observeEffects({
    after() {
      throw new Error('lost the answer');
    },
  });
  await expect(withLock(name, async () => undefined)).rejects.toThrow('lost the answer');
  observeEffects(undefined);
  expect(await withLock(name, async () => 'free', { signal: AbortSignal.timeout(5_000) })).toBe('free');
});

test('a process that holds a lock and has nothing left to do ends', async () => {
  const dir = temporaryDirectory();
  await writeFiles(dir, {
    'child.ts': `import { withLock } from ${JSON.stringify(kernel)};
      void withLock(${JSON.stringify(freshName())}, () => new Promise(() => undefined));`,
  });
  expect((await runNode(join(dir, 'child.ts'), [], { timeout: 20_000 })).code).toBe(0);
});

test('the address fits into a socket name and tells nothing about the name', () => {
  const address = lockAddress(`/home/ada/${'very/'.repeat(100)}long`);
  expect(Buffer.byteLength(address)).toBeLessThan(100);
  expect(address).not.toContain('ada');
  expect(lockAddress('a')).not.toBe(lockAddress('b'));
});

describe('where locks are socket files', () => {
  const platform = process.platform;
  const pretend = (): void => void Object.defineProperty(process, 'platform', { value: 'darwin' });
  afterEach(() => void Object.defineProperty(process, 'platform', { value: platform }));

  test('they exclude each other and leave no file behind', async () => {
    pretend();
    const name = freshName();
    let inside = 0;
    const work = async (): Promise<number> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      return inside;
    };
    expect(await Promise.all([1, 2, 3, 4].map(() => withLock(name, work)))).toEqual([0, 0, 0, 0]);
    expect(existsSync(lockAddress(name))).toBe(false);
  });

  test('the file of a holder that died is taken over', async () => {
    pretend();
    const name = freshName();
    const path = lockAddress(name);
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    await once(child, 'exit');
    expect(existsSync(path)).toBe(true);
    expect(await withLock(name, async () => 'mine', { signal: AbortSignal.timeout(10_000) })).toBe('mine');
    expect(existsSync(path)).toBe(false);
  });

  test('the file of a holder that lives is left alone', async () => {
    pretend();
    const name = freshName();
    const server = createServer().listen(lockAddress(name));
    await once(server, 'listening');
    const attempt = withLock(name, async () => 'mine', { signal: AbortSignal.timeout(100) });
    await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(existsSync(lockAddress(name))).toBe(true);
    server.close();
    await once(server, 'close');
  });
});
