import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';

const CHILD = join(import.meta.dirname, 'test-tee-child.ts');
/** What may be between the log and this reader: two pipes or sockets, and one piece of output. */
const ON_THE_WAY = 2 * 1024 * 1024;
const LINES = 800_000;

test('a slow reader of stdout holds the command up; nothing piles up and nothing is lost', async () => {
  const log = join(temporaryDirectory('pressure'), 'a.log');
  const script = `yes ${'0123456789'.repeat(7)} | head -n ${LINES}`;
  const child = spawn(process.execPath, [CHILD, script, log], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const received: Buffer[] = [];
  let length = 0;
  let farthest = 0;
  for await (const chunk of child.stdout) {
    await nextTurn();
    farthest = Math.max(farthest, statSync(log).size - length);
    received.push(chunk);
    length += chunk.length;
  }
  expect(await closed).toEqual([0, null]);
  expect(farthest).toBeLessThan(ON_THE_WAY);
  const all = Buffer.concat(received).toString('latin1');
  const behindWarmUp = all.slice(all.indexOf('[out]', all.indexOf('warm')));
  expect(behindWarmUp.endsWith(readFileSync(log, 'latin1'))).toBe(true);
  expect(all.split('0123456789'.repeat(7)).length - 1).toBe(LINES);
  expect(Number(said)).toBeLessThan(40 * 1024);
});
