import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type TestHost, type TestRunOptions, type TestStep, testHost } from './test-agent.ts';

function apply(step: Omit<TestStep, 'path'>, options: TestRunOptions = {}) {
  return testHost({ apply: [{ path: 'a.sh', ...step }], 'apply-check': [{ path: 'a_check.sh' }] }).run(
    'apply',
    options,
  );
}

describe('return codes', () => {
  test.each([
    { returncodes: '[0]', rc: 1, last: 'FAILED: a.sh  1' },
    { returncodes: '[7]', rc: 1, last: 'FAILED: a.sh  1' },
    { returncodes: '[0, 1]', rc: 1, last: 'SUCEEDED: a.sh ' },
    { returncodes: '[1.0]', rc: 1, last: 'SUCEEDED: a.sh ' },
    { returncodes: '[-0.0]', rc: 0, last: 'SUCEEDED: a.sh ' },
    { returncodes: '[0e5]', rc: 0, last: 'SUCEEDED: a.sh ' },
    { returncodes: '[-15]', rc: -15, last: 'SUCEEDED: a.sh ' },
    { returncodes: '[15]', rc: -15, last: 'FAILED: a.sh  -15' },
    { returncodes: '[18446744073709551616, 1e300]', rc: 0, last: 'FAILED: a.sh  0' },
  ])('compare by number: $rc in $returncodes', async ({ returncodes, rc, last }) => {
    const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
    host.write(
      '/pkg/config.json',
      host.read('/pkg/config.json').replace('"returncodes":[0]', `"returncodes":${returncodes}`),
    );
    const { status, said } = await host.run('apply', { onCommand: () => rc });
    expect(said.split('\n').at(-2)).toBe(last);
    expect(status).toBe(last.startsWith('FAILED') ? 1 : 0);
  });

  test('are spelt as they are in the config', async () => {
    const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
    const codes = '[0, 1.0, -0, -0.0, 1e3, 1E+2, 12345678901234567890123, 1.0e16, 1e22, 0]';
    host.write(
      '/pkg/config.json',
      host.read('/pkg/config.json').replace('"returncodes":[0]', `"returncodes":${codes}`),
    );
    const { said } = await host.run('apply');
    expect(said.split('\n')[0]).toBe(
      'apply a.sh [] [0, 1.0, 0, -0.0, 1000.0, 100.0, 12345678901234567890123, 1e+16, 1e+22, 0] Idempotence.Auto True',
    );
    const flag =
      'W11fWzAsIDEuMCwgMCwgLTAuMCwgMTAwMC4wLCAxMDAuMCwgMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjMsIDFlKzE2LCAxZSsyMiwgMF0=';
    expect(host.files()).toContain(`/etc/skyhook/flags/demo/1.2.3/a.sh_${flag}`);
  });
});

describe('arguments', () => {
  test('are printed as a list before, and raw behind', async () => {
    const words = ['plain', "it's", 'say "hi"', 'both \' and "', 'back\\slash', 'tab\tnl\ncr\r', '\u0001\u007f', ''];
    const { said, commands } = await apply({ arguments: words });
    expect(said).toBe(
      [
        String.raw`apply a.sh ['plain', "it's", 'say "hi"', 'both \' and "', 'back\\slash', 'tab\tnl\ncr\r', '\x01\x7f', ''] [0] Idempotence.Auto True`,
        `SUCEEDED: a.sh ${words.join(' ')}`,
        '',
      ].join('\n'),
    );
    expect(commands[0]?.command.argv).toEqual(['/pkg/skyhook_dir/a.sh', ...words]);
  });

  test('name variables; the flag is made of the names, the messages of the values', async () => {
    const step = { path: 'a.sh', arguments: ['env:FOO', 'env:EMPTY', 'xenv:FOO', 'env:FOOenv:BAR', 'ENV:FOO'] };
    const host = testHost({ apply: [step], 'apply-check': [{ path: 'a_check.sh' }] });
    const { said, commands } = await host.run('apply', { env: { FOO: 'foo é', EMPTY: '', BAR: 'bar' } });
    expect(said.split('\n').at(-2)).toBe('SUCEEDED: a.sh foo é  xenv:FOO foo é ENV:FOO');
    expect(commands[0]?.command.argv.slice(1)).toEqual(['foo é', '', 'xenv:FOO', 'foo é', 'ENV:FOO']);
    const again = await host.run('apply', { env: { FOO: 'changed' } });
    expect(again.said).toMatch(/^Skipping a\.sh because .*\/a\.sh_WydlbnY6Rk9PJywg/);
  });

  test('fail the step before the pause where variables are missing', async () => {
    const { status, said, commands, pauses } = await apply({
      arguments: ['env:NOPE1', 'ok', 'env:NOPE2', 'env:', 'env:NOPE1'],
    });
    expect(said.split('\n').slice(1)).toEqual([
      'a.sh: Expected environment variable did not exist: NOPE1',
      'a.sh: Expected environment variable did not exist: NOPE2',
      'a.sh: Expected environment variable did not exist: ',
      'a.sh: Expected environment variable did not exist: NOPE1',
      '',
    ]);
    expect({ status, commands, pauses }).toEqual({ status: 1, commands: [], pauses: [] });
  });
});

describe('the command', () => {
  test('gets the environment of the step, below the two variables of the agent', async () => {
    const { commands } = await apply({ env: { A: 'b', STEP_ROOT: 'mine', SKYHOOK_DIR: 'mine' } });
    const entries = Object.fromEntries(commands[0]?.command.env ?? []);
    expect(entries).toEqual({ A: 'b', STEP_ROOT: '/pkg/skyhook_dir', SKYHOOK_DIR: '/pkg' });
    expect(commands[0]?.command).toMatchObject({ copyDir: '/pkg', noChmod: false });
  });

  test('keeps a copy directory as it was given', async () => {
    const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
    const { commands } = await host.run('apply', { argv: ['apply', host.root, '//pkg/'] });
    expect(commands[0]?.command.argv).toEqual(['//pkg//skyhook_dir/a.sh']);
    expect(commands[0]?.command.env.get('STEP_ROOT')).toBe('//pkg//skyhook_dir');
  });

  test('has logs in the log directory below the root mount', async () => {
    const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
    const { commands } = await host.run('apply');
    const { out, err } = commands[0]?.logs ?? {};
    expect(out?.replace('//', '/')).toBe(`${host.root}${logsOf(host)}/a.sh-2026-01-02-030405.log`);
    expect(err).toBe(`${out}.err`);
  });

  test('has none with logs off', async () => {
    const { commands } = await apply({}, { env: { SKYHOOK_AGENT_WRITE_LOGS: 'no' } });
    expect(commands[0]?.logs).toBeUndefined();
  });

  test.each([
    { writeLogs: 'true', mode: 'apply', rc: 0, left: 5 },
    { writeLogs: 'true', mode: 'apply', rc: 1, left: 5 },
    { writeLogs: 'true', mode: 'apply-check', rc: 0, left: 7 },
    { writeLogs: 'false', mode: 'apply', rc: 0, left: 7 },
  ])('is followed by a clean-up of its own logs: $mode, logs $writeLogs, status $rc', async ({
    writeLogs,
    mode,
    rc,
    left,
  }) => {
    const host = testHost({ apply: [{ path: 'a.sh' }], 'apply-check': [{ path: 'a_check.sh' }] });
    for (let day = 1; day <= 7; day += 1) host.write(`${logsOf(host)}/a.sh-2026-01-0${day}-000000.log`, '');
    await host.run(mode, { env: { SKYHOOK_AGENT_WRITE_LOGS: writeLogs }, onCommand: () => rc });
    const logs = readdirSync(`${host.root}${logsOf(host)}`).filter((name) => name.startsWith('a.sh-'));
    expect(logs).toHaveLength(left);
  });
});

/** Where the logs of a test's package are below its root mount. */
function logsOf(host: TestHost): string {
  return `${host.root}/container/log/demo/1.2.3`;
}
