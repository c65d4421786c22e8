import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { openThroughProc } from './agent-link.ts';
import type { StartLauncherOptions } from './start-launcher.ts';
import { busyboxRoot, commandOf, launch, outcomeOf, reportOf, startTestLauncher, textOf } from './test-launch.ts';

const env = { PATH: '/bin:/usr/bin' };
const sh = (script: string, ...args: string[]) => commandOf(['sh', '-c', script, ...args]);
const start = (script: string, options: StartLauncherOptions = {}) =>
  startTestLauncher(options)(sh(script), { env: new Map(Object.entries(env)) });
const isDead = (pid: number): boolean => {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
};
const die = (pid: number): void => {
  process.kill(pid, 'SIGKILL');
  while (!isDead(pid));
};

test('the streams are pipes: they can be opened by name', async () => {
  const { out, err, status } = await launch(sh('echo a > /dev/stdout; echo b > /dev/stderr'), env);
  expect([status, textOf(out), textOf(err)]).toEqual([0, 'a\n', 'b\n']);
});

test('one write of 64 KiB is one read', async () => {
  const { out } = await launch(sh('dd if=/dev/zero bs=65536 count=1 2>/dev/null'), env);
  expect(out.map((part) => part.length)).toEqual([65_536]);
});

test('a megabyte on each stream at once arrives whole', async () => {
  const { out, err } = await launch(sh('seq 1 150000 & seq 1 150000 >&2; wait'), env);
  const expected = Array.from({ length: 150_000 }, (_, i) => `${i + 1}\n`).join('');
  expect(textOf(out) === expected).toBe(true);
  expect(textOf(err) === expected).toBe(true);
});

test('the end of a stream waits for everybody who holds it (T29)', async () => {
  const { out, status } = await launch(sh('(sleep 0.2; echo late) & echo early'), env);
  expect([status, textOf(out)]).toEqual([0, 'early\nlate\n']);
});

test('the command has three descriptors, "env" too, and the launcher holds each pipe once', async () => {
  const list =
    'for f in 0 1 2 3 4 5 6 7 8 9 11 12 13 14 15 16 17 18 19 20; do [ -e /proc/self/fd/$f ] && printf "%s " $f; done';
  const directory = temporaryDirectory('path');
  writeFileSync(join(directory, 'env'), `#!/bin/sh\nprintf "FDS="; ${list}; echo; echo "PATH=$PATH"\n`, {
    mode: 0o755,
  });
  const script = `echo "$FDS"; ${list}; echo; ls -l /proc/$PPID/fd`;
  const { out } = await launch(sh(script), { PATH: `${directory}:/bin:/usr/bin` });
  const [ofEnv, ofCommand, ...ofLauncher] = textOf(out).split('\n');
  expect([ofEnv, ofCommand]).toEqual(['0 1 2 ', '0 1 2 ']);
  const ends = ofLauncher
    .flatMap((line) => / (\d+) -> pipe:/.exec(line)?.[1] ?? [])
    .filter((fd) => fd === '1' || fd === '2');
  expect(ends).toEqual(['1', '2']);
  const inodes = ofLauncher.flatMap((line) => / [12] -> (pipe:\S+)/.exec(line)?.[1] ?? []);
  for (const inode of inodes) expect(ofLauncher.filter((line) => line.includes(inode))).toHaveLength(1);
});

test('a descriptor that somebody left open for the agent does not reach the command', () => {
  const script = join(temporaryDirectory('agent'), 'agent.mts');
  const text = `import { commandOf, launch, textOf } from '${join(import.meta.dirname, 'test-launch.ts')}';
const { out } = await launch(commandOf(['sh', '-c', 'for f in 9 40 90; do [ -e /proc/self/fd/$f ] && echo $f; done; echo done']));
process.stdout.write(textOf(out));`;
  writeFileSync(script, text);
  const shell = `exec "${process.execPath}" "${script}" 9</dev/null 40</dev/null 90</dev/null`;
  const { stdout, stderr } = spawnSync('bash', ['-c', shell], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '' },
  });
  expect([stdout, stderr]).toEqual(['done\n', '']);
});

test('the command has no signal blocked or ignored, and stays in our session and process group', async () => {
  const { out } = await launch(sh('grep -E "Sig(Blk|Ign)" /proc/self/status; cut -d " " -f 5,6 /proc/self/stat'), env);
  const [, , , , group, session] = readFileSync('/proc/self/stat', 'latin1').split(' ');
  const none = '0000000000000000';
  expect(textOf(out)).toBe(`SigBlk:\t${none}\nSigIgn:\t${none}\n${group} ${session}\n`);
});

test.for([
  ['SIGTERM', -15],
  ['SIGKILL', -9],
  ['SIGINT', -2],
  ['SIGHUP', -1],
  ['SIGUSR1', -10],
] as const)('%s to the launcher is its status; the command goes on and is heard (T3)', async ([signal, status]) => {
  const outcome = await launch(sh(`echo before; kill -${signal.slice(3)} $PPID; sleep 0.1; echo after`), env);
  expect([outcome.status, textOf(outcome.out), textOf(outcome.err)]).toEqual([status, 'before\nafter\n', '']);
});

test('a real-time signal, which Node reports as status 0, is no success', async () => {
  expect((await launch(sh('kill -40 $PPID'), env)).status).toBe(-34);
});

test('kill() ends the launcher and nothing else', async () => {
  const launched = start('echo started; sleep 0.3; echo on');
  const [first] = launched.stdout;
  let killed = false;
  const out: string[] = [];
  const read = async (): Promise<void> => {
    for (const source of launched.stdout) {
      await source((bytes) => {
        out.push(Buffer.from(bytes).toString());
        if (!killed) launched.kill();
        killed = true;
      });
    }
  };
  expect(first).toBeDefined();
  expect(await Promise.all([launched.exited, read()])).toEqual([-9, undefined]);
  expect(out).toEqual(['started\n', 'on\n']);
});

test('what Node itself says before the launcher runs is not lost', async () => {
  const outcome = await launch(sh('true'), env, { execArgv: ['--no-such-option'] });
  expect(outcome.status).toBe(1);
  expect(textOf(outcome.err)).toContain('--no-such-option');
});

/** A launcher of its own in a directory of its own; `koffi` says whether the package can be found from there. */
function ownEntry(before: string, koffi: boolean): string {
  const directory = temporaryDirectory('entry');
  const runner = join(import.meta.dirname, 'run-launcher.ts');
  const text = `import { writeSync } from 'node:fs';\nimport { runLauncher } from '${runner}';\n${before}\n`;
  writeFileSync(join(directory, 'main.mts'), `${text}process.exitCode = runLauncher(process.argv.slice(3));\n`);
  if (koffi) symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(directory, 'node_modules'));
  return join(directory, 'main.mts');
}

test('bytes from before the pipes come first', async () => {
  const entry = ownEntry("writeSync(1, 'early out\\n'); writeSync(2, 'early err\\n');", true);
  const { out, err, status } = await launch(sh('echo out; echo err >&2'), env, { entry });
  expect([status, textOf(out), textOf(err)]).toEqual([0, 'early out\nout\n', 'early err\nerr\n']);
});

test('without koffi: a report that names it', async () => {
  const outcome = await launch(sh('echo no'), env, { entry: ownEntry('', false) });
  expect([outcome.status, textOf(outcome.out)]).toEqual([1, '']);
  expect(reportOf(outcome)).toMatch(/^ImportError: .*koffi/);
});

test('a launcher that dies before it says anything', async () => {
  const entry = ownEntry("process.kill(process.pid, 'SIGKILL');", true);
  expect(await launch(sh('echo no'), env, { entry })).toEqual({ status: -9, out: [], err: [] });
});

test.for([
  [
    'before its pipes are opened',
    (pid: number, fd: number) => {
      die(pid);
      return openThroughProc(pid, fd);
    },
  ],
  [
    'when its first pipe is open',
    (pid: number, fd: number) => {
      const opened = openThroughProc(pid, fd);
      die(pid);
      return opened;
    },
  ],
] as const)('a launcher that dies %s', async ([, openDescriptor]) => {
  const before = readdirSync('/proc/self/fd').length;
  let first = true;
  const once = (pid: number, fd: number): number => {
    const open = first ? openDescriptor : openThroughProc;
    first = false;
    return open(pid, fd);
  };
  expect(await launch(sh('echo no'), env, { openDescriptor: once })).toEqual({ status: -9, out: [], err: [] });
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
});

test('a launcher that dies when both pipes are open, before it knows', async () => {
  let count = 0;
  const openDescriptor = (pid: number, fd: number): number => {
    const opened = openThroughProc(pid, fd);
    count += 1;
    if (count === 2) die(pid);
    return opened;
  };
  expect(await launch(sh('echo no'), env, { openDescriptor })).toEqual({ status: -9, out: [], err: [] });
});

test('a launcher that dies while "env" runs', async () => {
  const directory = temporaryDirectory('path');
  writeFileSync(join(directory, 'env'), '#!/bin/sh\nkill -TERM $PPID\n', { mode: 0o755 });
  const outcome = await launch(sh('echo no'), { PATH: `${directory}:/bin:/usr/bin` });
  expect(outcome).toEqual({ status: -15, out: [], err: [] });
});

test.for([
  ['no pipe', 1],
  ['only the first pipe', 2],
] as const)('where the agent can open %s, the sockets stay in use', async ([, failing]) => {
  let count = 0;
  const openDescriptor = (pid: number, fd: number): number => {
    count += 1;
    if (count === failing) throw new Error('no /proc here');
    return openThroughProc(pid, fd);
  };
  const script = 'readlink /proc/self/fd/1; echo err >&2; (echo x > /dev/stdout) 2>/dev/null || exit 3';
  const outcome = await launch(sh(script), env, { openDescriptor });
  expect(outcome.status).toBe(1);
  expect(textOf(outcome.out)).toMatch(/^socket:/);
  expect(textOf(outcome.err)).toMatch(/^err\nTraceback [\s\S]*non-zero exit status 3\.\n$/);
});

needs('root', 'tmpfs').describe('a /proc that is not there, or not ours', () => {
  test.for([
    ['of another process namespace', ['--pid', '--fork'], ''],
    ['that is empty', ['--mount'], 'mount -t tmpfs none /proc;'],
  ] as const)('%s', ([, options, before]) => {
    const script = join(temporaryDirectory('agent'), 'agent.mts');
    writeFileSync(
      script,
      `import { commandOf, launch, textOf } from '${join(import.meta.dirname, 'test-launch.ts')}';
const { out, status } = await launch(commandOf(['sh', '-c', '(echo x > /dev/stdout) 2>/dev/null || echo socket']));
process.stdout.write(status + textOf(out));`,
    );
    const shell = `${before} exec "${process.execPath}" "${script}"`;
    const { stdout } = spawnSync('unshare', [...options, 'sh', '-c', shell], { encoding: 'utf8', env });
    expect(stdout).toBe('0socket\n');
  });
});

test('a process that cannot be started throws, and leaves no control file', async () => {
  const directory = temporaryDirectory('tmp');
  const command = commandOf(['true'], { rootMount: `/${'x'.repeat(200_000)}` });
  expect(() => startTestLauncher()(command, { env: new Map([['TMPDIR', directory]]) })).toThrow(
    /Argument list too long/,
  );
  expect(readdirSync(directory)).toEqual([]);
});

needs('root', 'busybox')('a command in a root without devices and /proc has pipes as well', async () => {
  const rootMount = busyboxRoot({ '/proc/.keep': '' });
  const launched = startTestLauncher()(commandOf(['sh', '-c', 'echo in'], { rootMount }), {
    env: new Map(Object.entries(env)),
  });
  const outcome = await outcomeOf(launched);
  expect([outcome.status, textOf(outcome.out)]).toEqual([0, 'in\n']);
});

test('an agent that is killed leaves no control file; its command goes on', () => {
  const directory = temporaryDirectory('killed');
  const script = join(directory, 'agent.mts');
  const command = `echo > ${directory}/started; while [ -e ${directory}/started ]; do sleep 0.02; done; echo > ${directory}/on`;
  writeFileSync(
    script,
    `import { commandOf, launch } from '${join(import.meta.dirname, 'test-launch.ts')}';
await launch(commandOf(['sh', '-c', ${JSON.stringify(command)}]), { PATH: '/bin:/usr/bin', TMPDIR: '${directory}/tmp' });`,
  );
  mkdirSync(join(directory, 'tmp'));
  const shell = `"${process.execPath}" "${script}" & agent=$!
while [ ! -e started ]; do sleep 0.02; done
ls tmp; kill -9 $agent; wait $agent; echo "agent $?"; rm started
while [ ! -e on ]; do sleep 0.02; done`;
  const { stdout } = spawnSync('sh', ['-c', shell], { cwd: directory, encoding: 'utf8', env, timeout: 20_000 });
  expect(stdout).toBe('agent 137\n');
});

test('launches leave no descriptor and no file behind', async () => {
  const directory = temporaryDirectory('tmp');
  const open = () =>
    readdirSync('/proc/self/fd')
      .map((fd) => link(fd))
      .filter((name) => /pipe|socket/.test(name)).length;
  await launch(sh('true'), { ...env, TMPDIR: directory });
  const before = open();
  for (let i = 0; i < 5; i++) await launch(sh(`exit ${i % 2}`), { ...env, TMPDIR: directory });
  expect(open()).toBe(before);
  expect(readdirSync(directory)).toEqual([]);
});

function link(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
