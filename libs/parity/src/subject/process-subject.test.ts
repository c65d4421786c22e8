import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import type { ScenarioRun } from '../model/scenario.ts';
import { createSubject } from './create-subject.ts';
import { ownMounts } from './mounts.fixture.ts';
import { observed, runShell, shellSubject, testScenario, textOf } from './subject.fixture.ts';

const plain: ScenarioRun = { argv: [], env: [], before: [], actions: [] };
const env = (values: Record<string, string | Buffer>) =>
  Object.entries(values).map(([name, value]) => ({ name, value: Buffer.from(value) }));
const file = (path: string, text: string) => ({ path, type: 'file' as const, contents: Buffer.from(text) });

needs('root', 'busybox').describe('a run', () => {
  const test = needs('root', 'busybox');

  test('has exactly the environment of the scenario, bytes included, and its arguments', async () => {
    const { text } = await runShell('tr "\\000" "|" </proc/$$/environ; echo; for a; do echo "<$a>"; done', {
      env: env({
        PATH: '/bin',
        QUOTED: `a'b"c $d\\`,
        LINES: 'a\nb',
        EMPTY: '',
        RAW: Buffer.from('fff127', 'hex'),
        'odd.name': '1',
        LD_PRELOAD: '/nothing.so',
      }),
      runs: [
        {
          ...plain,
          argv: ['{root}', '', `it's`, Buffer.from([0xff]), '{root}/x{root}'].map((word) => Buffer.from(word)),
          env: env({ PATH: '/x:/bin' }),
        },
      ],
    });
    expect(text).toBe(
      `PATH=/x:/bin|QUOTED=a'b"c $d\\|LINES=a\nb|EMPTY=|RAW=\xff\xf1'|odd.name=1|LD_PRELOAD=/nothing.so|\n` +
        `</t/root>\n<>\n<it's>\n<\xff>\n</t/root/x/t/root>\n`,
    );
  });

  test('has the directory, umask and input of a scenario, and a session of its own', async () => {
    const script = 'pwd; umask; wc -c; cut -d" " -f5,6 /proc/$$/stat; echo $$';
    const { text, runs } = await runShell(script, { cwd: '/t/w', umask: '027' });
    const [cwd, umask, input, session, pid] = text.split('\n');
    expect([cwd, umask, input]).toEqual(['/t/w', '0027', '0']);
    expect(session).toBe(`${pid} ${pid}`);
    expect(runs).toMatchObject([{ end: { kind: 'exit', code: 0 } }]);
    expect(runs[0]?.faults).toBeUndefined();
  });

  test('has three descriptors, whatever Baton was started with', async () => {
    const subject = await createSubject({ kind: 'process', command: ['ls', '-1'] });
    try {
      const run = { ...plain, argv: [Buffer.from('/proc/self/fd')] };
      // 3 is the directory that ls(1) reads.
      expect((await observed(subject, testScenario({ runs: [run] }))).text).toBe('0\n1\n2\n3\n');
    } finally {
      await subject.close();
    }
  });

  test('can start in a directory of the root mount', async () => {
    expect((await runShell('pwd', { cwd: '/t/root/deep/er' })).text).toBe('/t/root/deep/er\n');
  });

  test('has every signal at its default action, also when Baton was started without SIGHUP', async () => {
    const entry = join(import.meta.dirname, 'signals.fixture.ts');
    const { stdout } = await runProcess({
      command: 'sh',
      args: ['-c', 'trap "" HUP INT TERM; exec "$@"', 'sh', process.execPath, entry],
      env: toolEnv(),
    });
    expect(stdout.toString('utf8')).toMatch(/SigIgn:\t0{16}\n/);
  });

  test('sees no file of this machine but what was put there, and no mount either', async () => {
    const { text } = await runShell('ls / /t/root /dev /candidate | tr "\\n" " "; cut -d" " -f2 /proc/mounts | sort');
    expect(text.split('\n')).toEqual([
      '/: bin candidate dev etc proc t tmp usr  /candidate: agent.sh  /dev: null  /t/root: bin tmp /',
      '/candidate',
      '/dev/null',
      '/proc',
      expect.stringMatching(/^\/proc\/\w/),
      '/t/root',
      '',
    ]);
  });

  test('cannot change the subject, and leaves no mount behind', async () => {
    const { text, container } = await runShell('echo x >>/candidate/agent.sh || echo refused');
    expect(text).toBe('refused\n');
    expect(container).toEqual({ rows: [], deleted: [] });
    expect(ownMounts()).toEqual([]);
  });

  test('writes both streams to one file when they are merged', async () => {
    const { runs } = await runShell('echo a; echo b >&2; echo c', { streams: 'merged' });
    expect(textOf(runs[0]?.merged)).toBe('a\nb\nc\n');
    expect(runs[0]?.stdout).toBeUndefined();
  });

  test('is told the time of a frozen clock, and is of tier T1 then', async () => {
    const { text, tier } = await runShell('echo $CLOCK', { clock: { kind: 'frozen', time: '2026-01-02 03:04:05' } });
    expect([text, tier]).toEqual(['2026-01-02 03:04:05\n', 'T1']);
  });

  test('without a way to take a frozen clock it is refused', async () => {
    const subject = await createSubject({ kind: 'process', command: ['/bin/true'] });
    try {
      const frozen = testScenario({ clock: { kind: 'frozen', time: '2026-01-02 03:04:05' } });
      await expect(observed(subject, frozen)).rejects.toMatchObject({ code: 'SUBJECT_FAILED' });
    } finally {
      await subject.close();
    }
  });
});

needs('root', 'busybox').describe('what a run did', () => {
  const test = needs('root', 'busybox');

  test('is its exit code, or the signal that ended it, never one for the other', async () => {
    expect((await runShell('exit 143')).runs[0]?.end).toEqual({ kind: 'exit', code: 143 });
    expect((await runShell('kill -TERM $$')).runs[0]?.end).toEqual({ kind: 'signal', signal: 'TERM' });
  });

  test('is what is new, changed and gone in both trees, without /tmp of the container', async () => {
    const script = [
      'cd /t/root; echo more >>pkg/a; chmod 600 pkg/b; rm pkg/c; chmod 711 .',
      'mkdir -m 750 new; ln -s there new/link; echo y >tmp/y; mkfifo new/pipe; rm -r pkg/d',
      'echo z >/tmp/z; mkdir /var; printf c >/var/c; touch pkg/e; : >"new/$(printf "\\377")"',
    ].join('\n');
    const { host, container } = await runShell(script, {
      host: [...'abce'].map((name) => file(`/pkg/${name}`, name)).concat(file('/pkg/d/x', 'x')),
    });
    expect(host.rows.map(({ path, type, mode, change }) => [path, type, mode, change])).toEqual([
      ['/new', 'dir', '0750', undefined],
      ['/new/link', 'symlink', '0777', undefined],
      ['/new/pipe', 'other', '0644', undefined],
      ['/new/\\bytes:ff', 'file', '0644', undefined],
      ['/pkg/a', 'file', '0644', 'modified'],
      ['/pkg/b', 'file', '0600', 'mode'],
      ['/tmp/y', 'file', '0644', undefined],
    ]);
    expect(host).toMatchObject({ deleted: ['/pkg/c', '/pkg/d', '/pkg/d/x'], rootMode: '0711' });
    expect(container.rows).toMatchObject([
      { path: '/var', type: 'dir' },
      { path: '/var/c', contents: { kind: 'bytes', bytes: Buffer.from('c') } },
    ]);
  });

  test('is kept in files when it is large', async () => {
    const script =
      'dd if=/dev/null 2>/dev/null; i=0; while [ $i -lt 17 ]; do cat /t/root/block; i=$((i+1)); done | tee /t/root/big';
    const contents = { kind: 'repeat' as const, unit: 'x', count: 65_536 };
    const { runs, host } = await runShell(script, { host: [{ path: '/block', type: 'file', contents }] });
    const size = 17 * 65_536;
    expect(runs[0]?.stdout).toMatchObject({ kind: 'file', size });
    expect(host.rows).toMatchObject([{ path: '/big', contents: { kind: 'file', size } }]);
    const kept = host.rows[0]?.contents;
    expect(kept?.kind === 'file' && readFileSync(kept.path).equals(Buffer.alloc(size, 'x'))).toBe(true);
  });

  test('is looked at only where the scenario says so', async () => {
    const observe = { host: false, container: false, modes: true, leftovers: 'none' as const };
    const { host, container } = await runShell('echo >/t/root/a; mkdir /var', { observe });
    expect([host, container]).toEqual([
      { rows: [], deleted: [] },
      { rows: [], deleted: [] },
    ]);
  });
});

needs('root', 'busybox').describe('runs and actions', () => {
  const test = needs('root', 'busybox');

  test('a later run begins in a later second, on the same tree, with what is put there before', async () => {
    const { runs, text } = await runShell('cat /t/root/given /t/root/kept 2>/dev/null; date +%s >>/t/root/kept', {
      runs: [plain, { ...plain, before: [file('/given', 'given\n')] }],
    });
    expect(text).toMatch(/^given\n\d+\n$/);
    const [one, two] = runs.map(({ window }) => window ?? { began: 0, ended: 0 });
    expect(Math.floor((two?.began ?? 0) / 1e6)).toBeGreaterThan(Math.floor((one?.ended ?? 0) / 1e6));
  });

  const waiting = 'trap "echo got" TERM; : >/t/root/started; i=0; while [ $i -lt 30 ]; do sleep 0.05; i=$((i+1)); done';
  const action = { waitFor: '/started', delay: 0.2, signal: 'TERM' };

  test('signals go to the subject, to its child, or to the group', async () => {
    const to = async (target: 'subject' | 'launcher' | 'group', script: string): Promise<string> => {
      const { text, runs } = await runShell(script, { runs: [{ ...plain, actions: [{ ...action, to: target }] }] });
      expect(runs[0]?.faults).toBeUndefined();
      expect(runs[0]?.events?.map(({ kind }) => kind)).toEqual(['begin', 'signal', 'end']);
      return text;
    };
    expect(await to('subject', waiting)).toBe('got\n');
    const child = 'sh -c ": >/t/root/started; exec sleep 3" & wait $!; echo "child $?"';
    expect(await to('launcher', child)).toBe('child 143\n');
    expect(await to('group', `trap "echo both" TERM; ${child}`)).toBe('both\nchild 143\n');
  });

  test('several come one after the other', async () => {
    const actions = [
      { ...action, to: 'subject' as const },
      { waitFor: '/got', delay: 0, signal: 'USR1', to: 'subject' as const },
    ];
    const script = `trap "echo term; : >/t/root/got" TERM; trap "echo usr1; exit 0" USR1; ${waiting.split('; ').slice(1).join('; ')}`;
    expect((await runShell(script, { runs: [{ ...plain, actions }] })).text).toBe('term\nusr1\n');
  });

  test('one that cannot be sent is a fault of the run', async () => {
    const { runs } = await runShell('exit 0', { runs: [{ ...plain, actions: [{ ...action, to: 'subject' }] }] });
    expect(runs[0]?.faults).toEqual(['no subject was there to get TERM after /started']);
  });
});

needs('root', 'busybox').describe('who a process subject is', () => {
  const test = needs('root', 'busybox');
  const identityOf = async (script: string) => {
    const subject = await shellSubject(script);
    return await subject.identity().finally(() => subject.close());
  };

  test('is the same for the same files, another for another byte', async () => {
    const [one, two, other] = [await identityOf('exit 0'), await identityOf('exit 0'), await identityOf('exit 1')];
    expect(one.digest).toBe(two.digest);
    expect(one.digest).not.toBe(other.digest);
    expect(one).toMatchObject({
      kind: 'process',
      name: '/candidate/agent.sh',
      facts: { command: '/candidate/agent.sh' },
    });
    expect(one.facts.busybox).toMatch(/^BusyBox v\S+, sha256:[0-9a-f]{64}$/);
  });

  test('names the interpreter and its version, which runs with its libraries', async () => {
    const cwd = temporaryDirectory('subject');
    mkdirSync(join(cwd, 'node_modules/beside'), { recursive: true });
    writeFileSync(join(cwd, 'node_modules/beside/index.js'), 'exports.say = "beside"');
    writeFileSync(join(cwd, 'main.cjs'), 'console.log(require("beside").say, process.argv.slice(2))');
    const subject = await createSubject({ kind: 'process', command: [process.execPath, 'main.cjs', 'plain'], cwd });
    try {
      const run = { ...plain, argv: [Buffer.from('x')] };
      expect((await observed(subject, testScenario({ runs: [run] }))).text).toBe(`beside [ 'plain', 'x' ]\n`);
      expect((await subject.identity()).facts).toMatchObject({
        version: process.version,
        script: join(cwd, 'main.cjs'),
        command: `${process.execPath} ${join(cwd, 'main.cjs')} plain`,
      });
    } finally {
      await subject.close();
    }
  });
});

needs('root', 'busybox')('nothing of a subject is left when it is closed', async () => {
  const temporary = temporaryDirectory('subject');
  await runShell('exit 0', {}, { temporary });
  expect(readdirSync(temporary)).toEqual([]);
});
