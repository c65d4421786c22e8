import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnv } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { longTests } from './long.ts';
import { nxCommand, ROOT, run } from './nx-workspace.ts';

const SETTINGS = [
  { umask: '022', TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' },
  { umask: '077', TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
];

longTests('nx run agent:image', ['npm', 'apt'], () => {
  test('gives the same digest in two clones under other time zones, locales and umasks', async () => {
    const built: string[][] = [];
    for (const { umask, ...locale } of SETTINGS) {
      const clone = await cloneOfThis(umask);
      const caches = temporaryDirectory('caches');
      const { command, args, cwd, env } = nxCommand(clone, caches, ['run', 'agent:image', '--output-style=static']);
      await run('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', command, ...args], cwd, { ...env, ...locale });
      const made = ['containers/base/dist/image/index.json', 'apps/agent/dist/image/index.json'];
      const statements = ['apps/agent/dist/evidence/image.json'];
      built.push([...made, ...statements].map((file) => readFileSync(join(clone, file), 'utf8')));
    }
    expect(built[0]).toHaveLength(3);
    expect(built[1]).toEqual(built[0]);
  }, 600_000);
});

// A clone with what is in the work tree, committed or not, and with the installed packages as hard links.
async function cloneOfThis(umask: string): Promise<string> {
  const clone = join(temporaryDirectory('clone'), 'repository');
  const shell = (script: string, ...args: string[]): Promise<string> =>
    run('sh', ['-c', `umask ${umask}; ${script}`, 'sh', ...args], ROOT, toolEnv());
  await shell('git clone --quiet --no-hardlinks "$1" "$2"', ROOT, clone);
  const changed = (await shell('git ls-files -z --modified --others --exclude-standard')).split('\0').filter(Boolean);
  for (const file of changed) {
    rmSync(join(clone, file), { force: true });
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(clone, file));
  }
  const installed = await shell('find . -name node_modules -prune -not -path "./.*"');
  for (const directory of installed.split('\n').filter(Boolean)) {
    await shell('cp -al "$1" "$2"', join(ROOT, directory), join(clone, directory));
  }
  return clone;
}
