import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { findProgram, needs, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Candidate } from './candidate.ts';
import { copyBusybox } from './container.ts';
import { type Observation, observe } from './observe.ts';
import { readScenario, type Scenario } from './scenario.ts';
import { shellCandidate } from './test-shell-candidate.ts';

const base = readScenario('tee-two-writes');

async function run(script: string, changes: Partial<Scenario> = {}): Promise<Observation & { text: string }> {
  const directory = temporaryDirectory('golden');
  const candidate = shellCandidate(directory, script);
  const busybox = copyBusybox(findProgram('busybox') ?? '', directory);
  const observation = await observe({ ...base, ...changes }, candidate, busybox, join(directory, 'scenario'));
  return { ...observation, text: observation.runs.map(({ stdout }) => stdout?.toString('latin1')).join('') };
}

needs('root', 'busybox', 'tmpfs').describe('a run', () => {
  test('has exactly the environment of the scenario, bytes included, and its arguments', async () => {
    const env = { PATH: '/bin', QUOTED: `a'b"c $d\\`, LINES: 'a\nb', EMPTY: '', RAW: 'hex:fff127', 'odd.name': '1' };
    const [one] = base.runs;
    const { text } = await run('tr "\\000" "|" </proc/$$/environ; echo; for a; do echo "<$a>"; done', {
      env,
      runs: [{ argv: ['{ROOT}', '', `it's`], env: { PATH: '/x:/bin' }, before: [], actions: one?.actions ?? [] }],
    });
    expect(text).toBe(
      `PATH=/x:/bin|QUOTED=a'b"c $d\\|LINES=a\nb|EMPTY=|RAW=\xff\xf1'|odd.name=1|\n</t/root>\n<>\n<it's>\n`,
    );
  });

  test('has the directory, umask, input and process group of the recordings', async () => {
    const script = 'pwd; umask; wc -c; cut -d" " -f5 /proc/$$/stat; echo $$; sleep 0.1';
    const { text, runs } = await run(script, { cwd: '/t/w' });
    const [cwd, umask, input, group, pid] = text.split('\n');
    expect([cwd, umask, input]).toEqual(['/t/w', '0022', '0']);
    expect(group).toBe(pid);
    expect(runs).toMatchObject([{ exitCode: 0, faults: [] }]);
  });

  test('has every signal at its default action, also when the tests were started without SIGHUP', async () => {
    const entry = join(import.meta.dirname, 'test-signals-entry.ts');
    const { stdout } = await runProcess({
      command: 'sh',
      args: ['-c', 'trap "" HUP INT TERM; exec "$@"', 'sh', process.execPath, entry, temporaryDirectory('golden')],
      env: toolEnv(),
    });
    expect(stdout.toString('utf8')).toMatch(/SigIgn:\t0{16}\n/);
  });

  test('sees no file of this machine but what was put there', async () => {
    const { text } = await run('ls /; ls /t/root; ls /dev; ls /candidate; cat /candidate/agent.sh | wc -l');
    expect(text.split('\n')).toEqual([
      'bin',
      'candidate',
      'dev',
      'etc',
      'proc',
      't',
      'tmp',
      'usr',
      'bin',
      'pkg',
      'tmp',
      'null',
      'agent.sh',
      '2',
      '',
    ]);
  });

  test('cannot change the candidate, and leaves no mount behind', async () => {
    const { text, container } = await run(
      'echo x >>/candidate/agent.sh || echo refused; grep -c candidate /proc/mounts',
    );
    expect(text).toBe('refused\n1\n');
    expect(container.files).toEqual([]);
    await expect(run('exit 0')).resolves.toMatchObject({ container: { files: [], deleted: [] } });
  });

  test('writes both streams to one file when they are merged', async () => {
    const { runs } = await run('echo a; echo b >&2; echo c', { merge_streams: true });
    expect(runs[0]?.merged?.toString('utf8')).toBe('a\nb\nc\n');
    expect(runs[0]?.stdout).toBeUndefined();
  });
});

needs('root', 'busybox', 'tmpfs').describe('what a run did', () => {
  test('is its exit status, or the signal that ended it', async () => {
    expect((await run('exit 7')).runs[0]?.exitCode).toBe(7);
    expect((await run('kill -TERM $$')).runs[0]?.exitCode).toBe(-15);
  });

  test('is what is new, changed and gone in both trees, without /bin of the host and /tmp of the container', async () => {
    const script = [
      'cd /t/root; echo more >>pkg/payload0.bin; chmod 600 pkg/payload1.bin; rm pkg/config.json; chmod 711 .',
      'mkdir -m 750 new; ln -s there new/link; echo x >bin/x; echo y >tmp/y; mkfifo new/pipe',
      'echo z >/tmp/z; mkdir /var; printf c >/var/c',
    ].join('\n');
    const { host, container } = await run(script);
    expect(host.files.map(({ path, type, mode, change }) => [path, type, mode, change])).toEqual([
      ['/new', 'dir', '0750', undefined],
      ['/new/link', 'symlink', '0777', undefined],
      ['/new/pipe', 'other', '0644', undefined],
      ['/pkg/payload0.bin', 'file', '0644', 'modified'],
      ['/pkg/payload1.bin', 'file', '0600', 'mode'],
      ['/tmp/y', 'file', '0644', undefined],
    ]);
    expect(host).toMatchObject({ deleted: ['/pkg/config.json'], rootMode: '0711' });
    expect(container.files).toMatchObject([
      { path: '/var', type: 'dir' },
      { path: '/var/c', contents: Buffer.from('c') },
    ]);
  });

  test('waits for what a killed agent leaves running', async () => {
    const { host } = await run('(sleep 0.4; echo late >/t/root/late) & kill -KILL $$');
    expect(host.files.map(({ path }) => path)).toEqual(['/late']);
  });
});

needs('root', 'busybox', 'tmpfs').describe('runs and actions', () => {
  const argv = { argv: [], env: {}, before: [], actions: [] };

  test('a later run begins in a later second, on the same tree, with what is put there before', async () => {
    const { runs, text } = await run('cat /t/root/given /t/root/kept 2>/dev/null; date +%s >>/t/root/kept', {
      runs: [argv, { ...argv, before: [{ path: '/given', type: 'file', mode: '0644', utf8: 'given\n' }] }],
    });
    expect(text).toMatch(/^given\n\d+\n$/);
    expect(Math.floor((runs[1]?.began ?? 0) / 1000)).toBeGreaterThan(Math.floor((runs[0]?.ended ?? 0) / 1000));
  });

  const waiting = 'trap "echo got" TERM; : >/t/root/started; i=0; while [ $i -lt 30 ]; do sleep 0.05; i=$((i+1)); done';
  const action = { wait_for: '/started', delay: 0.2, signal: 'TERM' };

  test('signals go to the agent, to its child, or to the group', async () => {
    const to = async (target: 'agent' | 'launcher' | 'group', script: string): Promise<string> => {
      const { text, runs } = await run(script, { runs: [{ ...argv, actions: [{ ...action, to: target }] }] });
      expect(runs[0]?.faults).toEqual([]);
      return text;
    };
    expect(await to('agent', waiting)).toBe('got\n');
    const child = 'sh -c ": >/t/root/started; exec sleep 3" & wait $!; echo "child $?"';
    expect(await to('launcher', child)).toBe('child 143\n');
    expect(await to('group', `trap "echo both" TERM; ${child}`)).toBe('both\nchild 143\n');
  });

  test('one that cannot be sent is a fault of the run', async () => {
    const { runs } = await run('exit 0', { runs: [{ ...argv, actions: [{ ...action, to: 'agent' }] }] });
    expect(runs[0]?.faults).toEqual(['no agent was there to get TERM after /started']);
  });
});

test('a candidate is told the time of a frozen clock by its own variable', () => {
  const directory = temporaryDirectory('golden');
  mkdirSync(join(directory, 'x'));
  writeFileSync(join(directory, 'x/y'), '');
  const candidate: Candidate = shellCandidate(directory, 'exit 0');
  expect(candidate.frozenClock('2026-01-02 03:04:05')).toEqual({ CLOCK: '2026-01-02 03:04:05' });
});
