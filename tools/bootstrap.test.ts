import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessResult, runProcess, toolEnv } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';

const bootstrap = join(import.meta.dirname, 'bootstrap.mjs');
const version = process.versions.node;

const LOCK = {
  packages: {
    '': { name: 'sample' },
    'libs/own': { name: 'own', version: '1.0.0' },
    'node_modules/own': { resolved: 'libs/own', link: true },
    'node_modules/one': { version: '1.0.0', integrity: 'sha512-one' },
    'node_modules/one/node_modules/two': { version: '2.0.0', integrity: 'sha512-two' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-other', optional: true },
  },
};

// What npm does, without a network: it counts its calls, lays out the packages, and writes its own lock file last.
const NPM = `
  const { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync, existsSync } = require('node:fs');
  const { setTimeout } = require('node:timers/promises');
  appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
  (async () => {
    rmSync('node_modules', { recursive: true, force: true });
    for (const name of ['own', 'one', 'one/node_modules/two']) {
      mkdirSync('node_modules/' + name, { recursive: true });
      writeFileSync('node_modules/' + name + '/package.json', '{}');
    }
    if (existsSync('fail')) { console.error('npm error: no route to the registry'); process.exit(7); }
    while (existsSync('hold')) await setTimeout(10);
    mkdirSync('node_modules/.bin', { recursive: true });
    if (!existsSync('no-node')) symlinkSync(process.execPath, 'node_modules/.bin/node');
    const { '': _, 'node_modules/other-platform': __, ...packages } = JSON.parse(require('node:fs').readFileSync('package-lock.json')).packages;
    writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
    appendFileSync('calls', 'done\\n');
  })();
`;

async function sample(files: Record<string, string> = {}): Promise<string> {
  const dir = temporaryDirectory('bootstrap');
  await writeFiles(dir, {
    '.node-version': `${version}\n`,
    'package-lock.json': JSON.stringify(LOCK),
    'npm.js': NPM,
    ...files,
  });
  return dir;
}

const environment = (dir: string): NodeJS.ProcessEnv => toolEnv({ npm_execpath: join(dir, 'npm.js') });

async function run(dir: string): Promise<ProcessResult & { text: string }> {
  const spec = { command: process.execPath, args: [bootstrap, dir], env: environment(dir), timeout: 20_000 };
  const result = await runProcess(spec);
  return { ...result, text: result.stdout.toString('utf8') + result.stderr.toString('utf8') };
}

const calls = async (dir: string): Promise<string[]> =>
  (await readFile(join(dir, 'calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

test('installs what the lock asks for, says why in one line, and is silent the next time', async () => {
  const dir = await sample();
  const first = await run(dir);
  expect(first.text).toMatch(/^Installing packages, because node_modules is missing: .*\nInstalled in [0-9.]+ s\.\n$/);
  expect(first.code).toBe(0);
  expect(await calls(dir)).toEqual(['ci --include=dev --loglevel=error', 'done']);
  const second = await run(dir);
  expect([second.code, second.text]).toEqual([0, '']);
  expect(await calls(dir)).toHaveLength(2);
});

test.each([
  [
    'an installation that was cut short',
    'an earlier installation was not finished',
    (dir: string) => rm(join(dir, 'node_modules', '.package-lock.json')),
  ],
  [
    'a package that was removed',
    'two is not what the lock asks for',
    (dir: string) => rm(join(dir, 'node_modules/one/node_modules/two'), { recursive: true }),
  ],
  [
    'a link that was removed',
    'own is not what the lock asks for',
    (dir: string) => rm(join(dir, 'node_modules', 'own'), { recursive: true }),
  ],
  [
    'a lock that moved on',
    '2 packages lack, one first',
    (dir: string) => writeFile(join(dir, 'package-lock.json'), JSON.stringify(LOCK).replaceAll('.0.0"', '.0.1"')),
  ],
  [
    'other bytes of the same version',
    'one is not what the lock asks for',
    (dir: string) =>
      writeFile(join(dir, 'package-lock.json'), JSON.stringify(LOCK).replace('sha512-one', 'sha512-new')),
  ],
])('repairs %s', async (_, reason, damage) => {
  const dir = await sample();
  await run(dir);
  await damage(dir);
  const repaired = await run(dir);
  expect(repaired.text).toContain(`because ${reason}:`);
  expect(repaired.code).toBe(0);
  expect((await run(dir)).text).toBe('');
});

test('an installation that fails is reported with what npm said and what to look at', async () => {
  const dir = await sample({ fail: '' });
  const result = await run(dir);
  expect(result.code).toBe(1);
  expect(result.text).toContain(
    'npm error: no route to the registry\nerror: npm ci ended with 7\n  hint: Packages come from',
  );
  await rm(join(dir, 'fail'));
  expect((await run(dir)).text).toContain('because an earlier installation was not finished');
});

test('a Node that did not come along, or is another one, is an error with a hint', async () => {
  const dir = await sample({ 'no-node': '' });
  const without = await run(dir);
  expect(without.code).toBe(1);
  expect(without.text).toContain(`error: expected node_modules/.bin/node to be Node ${version}, found none\n  hint: `);
  await writeFiles(dir, { 'node_modules/.bin/node': '' });
  await rm(join(dir, 'node_modules', '.bin', 'node'));
  await symlink(process.execPath, join(dir, 'node_modules', '.bin', 'node'));
  await writeFile(join(dir, '.node-version'), '1.2.3\n');
  expect((await run(dir)).text).toContain(`to be Node 1.2.3, found ${version}`);
});

test('a damaged lock file is named', async () => {
  const dir = await sample({ 'package-lock.json': '{' });
  expect((await run(dir)).text).toContain('error: package-lock.json is missing or damaged\n  hint: Restore it');
});

test('of several runs at once one installs and the others wait for it', async () => {
  const dir = await sample({ hold: '' });
  const runs = [run(dir), run(dir), run(dir)];
  while ((await calls(dir)).length === 0) await new Promise((resolve) => setImmediate(resolve));
  await rm(join(dir, 'hold'));
  const ends = await Promise.all(runs);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(await calls(dir)).toEqual(['ci --include=dev --loglevel=error', 'done']);
});

test('after a kill the next run waits for the npm that goes on', async () => {
  const dir = await sample({ hold: '' });
  const killed = spawn(process.execPath, [bootstrap, dir], { env: environment(dir), stdio: 'ignore' });
  while ((await calls(dir)).length === 0) await new Promise((resolve) => setImmediate(resolve));
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const next = spawn(process.execPath, [bootstrap, dir], {
    env: environment(dir),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(next, 'close');
  const [said] = (await once(next.stdout, 'data')) as [Buffer];
  expect(said.toString('utf8')).toBe('Waiting for another run that installs packages here.\n');
  await rm(join(dir, 'hold'));
  expect(await ended).toEqual([0, null]);
  expect(await calls(dir)).toEqual(['ci --include=dev --loglevel=error', 'done']);
  expect(existsSync(join(dir, 'node_modules', '.package-lock.json'))).toBe(true);
});
