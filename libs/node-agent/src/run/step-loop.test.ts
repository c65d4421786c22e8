import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { localText } from '../time/time-text.ts';
import { TEST_TIME, testHost } from './test-agent.ts';

const STATE = '/etc/skyhook';
const FLAGS = `${STATE}/flags/demo/1.2.3`;
const two = {
  apply: [{ path: 'a.sh', arguments: ['1'] }, { path: 'b.sh' }],
  'apply-check': [{ path: 'a_check.sh' }, { path: 'b_check.sh' }],
};

describe('apply-type modes', () => {
  test('run their steps in order and leave a flag for each', async () => {
    const host = testHost(two);
    const { status, said, stderr, commands, pauses } = await host.run('apply');
    expect({ status, said, stderr, pauses }).toEqual({
      status: 0,
      said: [
        "apply a.sh ['1'] [0] Idempotence.Auto True",
        'SUCEEDED: a.sh 1',
        'apply b.sh [] [0] Idempotence.Auto True',
        'SUCEEDED: b.sh ',
        '',
      ].join('\n'),
      stderr: '',
      pauses: [1000, 1000],
    });
    expect(commands.map(({ command }) => command.argv)).toEqual([
      ['/pkg/skyhook_dir/a.sh', '1'],
      ['/pkg/skyhook_dir/b.sh'],
    ]);
    expect(host.files()).toEqual([`${STATE}/flags/START`, `${FLAGS}/a.sh_WycxJ11fWzBd`, `${FLAGS}/b.sh_W11fWzBd`]);
    expect(host.read(`${FLAGS}/b.sh_W11fWzBd`)).toBe(`last_run: ${localText(TEST_TIME)}\nstep_always_runs: False`);
    expect(host.read(`${STATE}/flags/START`)).toBe('');
  });

  test('stop at the first failure, and take up there the next time', async () => {
    const host = testHost({ ...two, apply: [...two.apply, { path: 'c.sh' }] });
    const failing = await host.run('apply', {
      onCommand: (command) => (command.argv[0] === '/pkg/skyhook_dir/b.sh' ? 1 : 0),
    });
    expect(failing.status).toBe(1);
    expect(failing.said.split('\n').slice(2)).toEqual([
      'apply b.sh [] [0] Idempotence.Auto True',
      'FAILED: b.sh  1',
      '',
    ]);
    const again = await host.run('apply');
    expect(again.status).toBe(0);
    expect(again.said.split('\n')[0]).toBe(`Skipping a.sh because ${host.root}${FLAGS}/a.sh_WycxJ11fWzBd exists.`);
    expect(again.commands.map(({ command }) => command.argv[0])).toEqual([
      '/pkg/skyhook_dir/b.sh',
      '/pkg/skyhook_dir/c.sh',
    ]);
  });

  const exists = (root: string) =>
    `WARNING: ${root}${FLAGS}/a.sh_W11fWzBd exists for a.sh but OVERLAY_ALWAYS_RUN_STEP flag is set so running anyway.`;
  const unsupported = () =>
    "Flag exists but CONFIG, UNINSTALL, and UPGRADE mode don't support idempotence so running step anyway.";
  const disabled = () => 'Flag exists but idempotence is Idempotence.Disabled so running step.';
  const skipping = (root: string) => `Skipping a.sh because ${root}${FLAGS}/a.sh_W11fWzBd exists.`;
  test.each([
    { mode: 'apply', always: 'TRUE', idempotence: true, line: exists, runs: 1 },
    { mode: 'config', always: 'true', idempotence: true, line: exists, runs: 1 },
    { mode: 'config', always: 'false', idempotence: true, line: unsupported, runs: 1 },
    { mode: 'uninstall', always: '', idempotence: false, line: unsupported, runs: 1 },
    { mode: 'upgrade', always: 'yes', idempotence: false, line: unsupported, runs: 1 },
    { mode: 'apply', always: 'false', idempotence: true, line: disabled, runs: 1 },
    { mode: 'post-interrupt', always: 'false', idempotence: true, line: disabled, runs: 1 },
    { mode: 'apply', always: ' true', idempotence: false, line: skipping, runs: 0 },
    { mode: 'post-interrupt', always: 'false', idempotence: false, line: skipping, runs: 0 },
  ])('decide about a flag: $mode, always-run $always, idempotence $idempotence', async ({
    mode,
    always,
    idempotence,
    line,
    runs,
  }) => {
    const step = { path: 'a.sh', idempotence };
    const host = testHost({ [mode]: [step], [`${mode}-check`]: [{ path: 'a_check.sh' }] });
    await host.run(mode);
    const { status, said, commands } = await host.run(mode, { env: { OVERLAY_ALWAYS_RUN_STEP: always } });
    const printed = said.split('\n').filter((text) => !text.startsWith('no existing history'));
    expect({ status, first: printed[0], runs: commands.length }).toEqual({ status: 0, first: line(host.root), runs });
  });

  test('share a flag between modes, and take anything at its place for one', async () => {
    const host = testHost({ ...two, 'post-interrupt': two.apply, 'post-interrupt-check': two['apply-check'] });
    mkdirSync(`${host.root}${FLAGS}/a.sh_WycxJ11fWzBd`, { recursive: true });
    symlinkSync('nowhere', `${host.root}${FLAGS}/b.sh_W11fWzBd`);
    const { commands } = await host.run('post-interrupt');
    expect(commands.map(({ command }) => command.argv[0])).toEqual(['/pkg/skyhook_dir/b.sh']);
    expect((await host.run('apply')).commands).toEqual([]);
  });

  test('make directories of a slash in the marker', async () => {
    const host = testHost({ ...two, apply: [{ path: 'a.sh', arguments: ['???'] }] });
    await host.run('apply');
    expect(host.files()).toContain(`${FLAGS}/a.sh_Wyc/Pz8nXV9bMF0=`);
    expect((await host.run('apply')).said).toBe(
      `Skipping a.sh because ${host.root}${FLAGS}/a.sh_Wyc/Pz8nXV9bMF0= exists.\n`,
    );
  });

  test('crash behind the success of a step whose flag has too long a name', async () => {
    const host = testHost({ ...two, apply: [{ path: 'a.sh', arguments: ['L'.repeat(200)] }] });
    const { status, said, stderr } = await host.run('apply');
    expect(status).toBe(1);
    expect(said.split('\n').at(-2)).toBe(`SUCEEDED: a.sh ${'L'.repeat(200)}`);
    expect(stderr).toMatch(
      /^Traceback \(most recent call last\):\n(.*\n)*OSError: \[Errno 36\] File name too long: '.*a\.sh_Wyd.*'\n$/,
    );
    expect(host.files()).toEqual([`${STATE}/flags/START`]);
  });

  test('do nothing but START without steps', async () => {
    const host = testHost(two);
    const { status, said, stderr } = await host.run('config');
    expect({ status, said }).toEqual({ status: 0, said: '' });
    expect(stderr).toBe('WARNING:root: There are no config steps defined. This will be ran as a no-op.\n');
    expect(host.files()).toEqual([`${STATE}/flags/START`]);
  });
});

describe('check modes', () => {
  test('run every step and write down how each ended: True means failed', async () => {
    const checks = [
      { path: 'a_check.sh' },
      { path: 'b_check.sh' },
      { path: 'c_check.sh', arguments: ['env:NOPE'] },
      { path: 'a_check.sh', arguments: ['again'] },
    ];
    const host = testHost({ ...two, 'apply-check': checks });
    const { status, said } = await host.run('apply-check', {
      onCommand: (command) => (command.argv[0] === '/pkg/skyhook_dir/b_check.sh' ? 1 : 0),
    });
    expect(status).toBe(1);
    expect(said.split('\n').slice(-4)).toEqual([
      'c_check.sh: Expected environment variable did not exist: NOPE',
      "apply-check a_check.sh ['again'] [0] Idempotence.Auto True",
      'SUCEEDED: a_check.sh again',
      '',
    ]);
    expect(host.files()).toEqual([`${STATE}/flags/START`, `${STATE}/flags/check_results`]);
    expect(host.read(`${STATE}/flags/check_results`)).toBe(
      'a_check.sh False\nb_check.sh True\nc_check.sh True\na_check.sh False',
    );
  });

  test('never look at flags', async () => {
    const host = testHost(two);
    host.write(`${FLAGS}/a_check.sh_W11fWzBd`, '');
    const { said, commands } = await host.run('apply-check');
    expect(said.split('\n')[0]).toBe('apply-check a_check.sh [] [0] Idempotence.Auto True');
    expect(commands).toHaveLength(2);
  });

  test('never remove ALL_CHECKED, and keep it for all packages', async () => {
    const host = testHost(two);
    expect((await host.run('apply-check')).status).toBe(0);
    expect((await host.run('apply-check', { onCommand: () => 1 })).status).toBe(1);
    expect(host.files()).toContain(`${STATE}/flags/apply-check_ALL_CHECKED`);
    expect(host.read(`${STATE}/flags/check_results`)).toBe('a_check.sh True\nb_check.sh True');
  });

  test.each(['config-check', 'post-interrupt-check'])('leave the history alone: %s', async (mode) => {
    const host = testHost({ ...two, [mode]: two['apply-check'] });
    expect((await host.run(mode)).said.split('\n').slice(-2)).toEqual(['SUCEEDED: b_check.sh ', '']);
    expect(host.files()).not.toContain(`${STATE}/history/demo.json`);
  });

  test.each([
    'apply-check',
    'upgrade-check',
    'uninstall-check',
  ])('write history also without steps: %s', async (mode) => {
    const host = testHost({ config: two.apply, 'config-check': two['apply-check'] });
    const { status, said, stderr } = await host.run(mode);
    expect({ status, said }).toEqual({
      status: 0,
      said: 'no existing history found for demo, could be first installation...\n',
    });
    expect(stderr).toBe(`WARNING:root: There are no ${mode} steps defined. This will be ran as a no-op.\n`);
    expect(host.files()).toEqual([`${STATE}/flags/START`, `${STATE}/history/demo.json`]);
  });

  test('remove the flags of all steps behind a passed uninstall-check, and nothing else', async () => {
    const host = testHost({
      ...two,
      uninstall: [{ path: 'x.sh' }],
      'uninstall-check': [{ path: 'x_check.sh' }],
      interrupt: [{ path: 'i.sh' }],
    });
    await host.run('apply');
    await host.run('uninstall');
    for (const name of ['other.sh_W11fWzBd', 'i.sh_W11fWzBd']) host.write(`${FLAGS}/${name}`, '');
    expect((await host.run('uninstall-check', { onCommand: () => 1 })).status).toBe(1);
    expect(host.files()).toContain(`${FLAGS}/a.sh_WycxJ11fWzBd`);
    expect((await host.run('uninstall-check')).status).toBe(0);
    expect(host.files().filter((path) => path.startsWith(FLAGS))).toEqual([`${FLAGS}/other.sh_W11fWzBd`]);
    expect(JSON.parse(host.read(`${STATE}/history/demo.json`))).toMatchObject({
      'current-version': 'uninstalled',
      history: [{ version: 'uninstalled' }],
    });
  });
});

describe('SIGTERM', () => {
  test('lets a step end and begins no other', async () => {
    const host = testHost(two);
    let came = false;
    const onCommand = () => {
      came = true;
      return 0;
    };
    const { status, commands, stderr } = await host.run('apply', { onCommand, terminated: () => came });
    expect({ status, ran: commands.length, stderr }).toEqual({ status: 1, ran: 1, stderr: '' });
    expect(host.files()).toContain(`${FLAGS}/a.sh_WycxJ11fWzBd`);
  });

  test('changes nothing during the last step', async () => {
    const host = testHost(two);
    let left = 2;
    const { status } = await host.run('apply-check', { onCommand: () => --left && 0, terminated: () => left === 0 });
    expect(status).toBe(0);
    expect(host.files()).toContain(`${STATE}/history/demo.json`);
  });

  test('keeps a check run between steps from leaving results', async () => {
    const host = testHost(two);
    let came = false;
    const onCommand = () => {
      came = true;
      return 0;
    };
    expect((await host.run('apply-check', { onCommand, terminated: () => came })).status).toBe(1);
    expect(host.files()).toEqual([`${STATE}/flags/START`]);
  });

  test('swallows what would crash the loop', async () => {
    const host = testHost({ ...two, apply: [{ path: 'a.sh', arguments: ['L'.repeat(200)] }] });
    let came = false;
    const onCommand = () => {
      came = true;
      return 0;
    };
    const { status, stderr } = await host.run('apply', { onCommand, terminated: () => came });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  });
});
