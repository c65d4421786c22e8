import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ownerState, ownerTag } from './owner.ts';

test('this process is alive, also after the tag was made', () => {
  const tag = ownerTag();
  expect(tag).toMatch(new RegExp(`^${process.pid}-[0-9]+-[0-9a-f]{8}$`));
  expect(ownerTag()).toBe(tag);
  expect(ownerState(tag)).toBe('alive');
});

test('a process that has ended is gone', async () => {
  const source = `import { ownerTag } from ${JSON.stringify(new URL('./owner.ts', import.meta.url).href)}; console.log(ownerTag());`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `${source} setInterval(() => {}, 1000);`]);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const tag = line.toString().trim();
  expect(ownerState(tag)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(ownerState(tag)).toBe('gone');
});

test.runIf(process.platform === 'linux')('a pid that somebody else has by now is gone', () => {
  const [pid, start, place] = ownerTag().split('-');
  expect(ownerState(`${pid}-${Number(start) + 1}-${place}`)).toBe('gone');
});

test('a tag of another machine, and text that is no tag, are unknown', () => {
  const [pid, start, place] = ownerTag().split('-');
  expect(ownerState(`${pid}-${start}-${place === '00000000' ? '11111111' : '00000000'}`)).toBe('unknown');
  for (const text of ['', '12', `${pid}-${start}`, `0-${start}-${place}`, `x-${start}-${place}`, `../../${pid}`]) {
    expect(ownerState(text)).toBe('unknown');
  }
});
