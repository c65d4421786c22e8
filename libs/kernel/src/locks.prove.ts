import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isShortProof, temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';

const ROUNDS = isShortProof() ? 40 : 400;
const WORKERS = 6;

// Each worker counts up under the lock for ever: '+' when it has written, 'X' when it met a living process inside. A killed
// process gives its sockets back a moment before it is gone from the process table: whoever is found inside is watched
// until he is gone, and only one who still writes meanwhile was really there.
const worker = (file: string): string => `
  import { readFile, writeFile } from 'node:fs/promises';
  import { ownerState, ownerTag, withLock, writeFileAtomic } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
  for (;;) {
    await withLock('proof ' + ${JSON.stringify(file)}, async () => {
      const marker = () => readFile(${JSON.stringify(`${file}.inside`)}, 'utf8').catch(() => '');
      const inside = await marker();
      while (inside !== '' && ownerState(inside) === 'alive') {
        if ((await marker()) === inside) continue;
        process.stdout.write('X');
        break;
      }
      await writeFile(${JSON.stringify(`${file}.inside`)}, ownerTag());
      const count = Number(await readFile(${JSON.stringify(file)}, 'utf8'));
      await writeFileAtomic(${JSON.stringify(file)}, String(count + 1));
      await writeFile(${JSON.stringify(`${file}.inside`)}, '');
    });
    process.stdout.write('+');
  }
`;

test(`a lock survives ${ROUNDS} kills of its holders and waiters and never lets two in`, async () => {
  const dir = temporaryDirectory('lock-proof');
  const file = join(dir, 'count');
  await writeFile(file, '0');
  await writeFiles(dir, { 'worker.ts': worker(file) });
  let told = 0;
  let met = 0;
  const start = (): ChildProcessWithoutNullStreams => {
    const child = spawn(process.execPath, [join(dir, 'worker.ts')], { stdio: 'pipe' });
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString('latin1').split('+').length - 1;
      met += chunk.toString('latin1').split('X').length - 1;
    });
    return child;
  };
  const workers = Array.from({ length: WORKERS }, start);
  const kill = async (child: ChildProcessWithoutNullStreams): Promise<void> => {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };
  for (let round = 0; round < ROUNDS; round++) {
    // Progress between two kills: whoever is left gets the lock, at once.
    const before = told;
    while (told < before + 3) await new Promise((resolve) => setImmediate(resolve));
    const index = round % WORKERS;
    const old = workers[index];
    if (old !== undefined) await kill(old);
    workers[index] = start();
  }
  await Promise.all(workers.map(kill));
  const count = Number(await readFile(file, 'utf8'));
  expect(met).toBe(0);
  // A kill may fall between the write and the word about it; no update is ever lost.
  expect(count).toBeGreaterThanOrEqual(told);
  expect(count).toBeLessThanOrEqual(told + ROUNDS + WORKERS);
});
