import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testHost } from './run/test-agent.ts';

const ENTRY = join(import.meta.dirname, 'test-agent-entry.ts');
const BANNER_END = /history_file: .*\n-{20}\n/;

/** Runs the program in the root mount `local`, which needs no chroot: the package is at the same path for agent and step. */
function runLocally(script: string, env: Record<string, string> = {}) {
  const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
  const copyDir = `${host.root}/pkg`;
  writeFileSync(`${copyDir}/skyhook_dir/a.sh`, `#!/bin/sh\n${script}\n`);
  // `local/{copyDir}` is looked up below the working directory.
  cpSync(copyDir, `${host.root}/local${copyDir}`, { recursive: true });
  const ran = spawnSync(process.execPath, [ENTRY, 'apply', 'local', copyDir], {
    cwd: host.root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      TZ: 'UTC',
      COPY_RESOLV: 'false',
      SKYHOOK_RESOURCE_ID: 'cr_demo_1.2.3',
      SKYHOOK_LOG_DIR: `${host.root}/log`,
      ...env,
    },
  });
  return { host, status: ran.status, said: ran.stdout.split(BANNER_END).at(1) ?? '', stderr: ran.stderr };
}

test('a frozen clock stamps everything, and no step can see that it is frozen', () => {
  const { host, status, said, stderr } = runLocally('env | grep BATON; echo done', {
    BATON_AGENT_CLOCK: '2026-01-02 03:04:05.678901',
  });
  const stamp = '[out]2026-01-02T03:04:05.678901 ';
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(said).toBe(`apply a.sh [] [0] Idempotence.Auto True\n${stamp}done\n${stamp}SUCEEDED: a.sh \n`);
  expect(host.read('/local/etc/skyhook/flags/demo/1.2.3/a.sh_W11fWzBd')).toBe(
    'last_run: 2026-01-02T03:04:05.678901\nstep_always_runs: False',
  );
});

test('a clock that is no time crashes before anything is done', () => {
  const { host, status, said, stderr } = runLocally('echo done', { BATON_AGENT_CLOCK: 'yesterday' });
  expect({ status, said }).toEqual({ status: 1, said: '' });
  expect(stderr).toMatch(/^Traceback \(most recent call last\):\nValueError: BATON_AGENT_CLOCK .*\n$/);
  expect(existsSync(`${host.root}/log`)).toBe(false);
});

test('a step that fails ends the agent with 1, whatever its own status was', () => {
  const { status, said, stderr } = runLocally('exit 7');
  expect({ status, last: said.split('\n').at(-2) }).toEqual({ status: 1, last: 'FAILED: a.sh  1' });
  expect(stderr).toMatch(/returned non-zero exit status 7\.\n\[err\]\S+ $/);
});
