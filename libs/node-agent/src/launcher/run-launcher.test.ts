import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { test as always, expect } from 'vitest';
import type { Command } from '../context.ts';
import { decodeOs } from '../python-text/index.ts';
import { busyboxRoot, commandOf, launch, type Outcome, reportOf, textOf } from './test-launch.ts';

const test = needs('root', 'busybox');
const SCRIPT = '/pkg/skyhook_dir/a.sh';

/** Runs a step in a root of its own that holds just this script. */
function step(script: string, more: Partial<Command> = {}, env?: Record<string, string>): Promise<Outcome> {
  const rootMount = busyboxRoot({ [SCRIPT]: script });
  return launch(commandOf([SCRIPT], { rootMount, copyDir: '/pkg', noChmod: false, ...more }), env);
}

needs('root', 'busybox').describe('the last line of the report (9.2)', () => {
  const failing = async (outcome: Promise<Outcome>): Promise<string> => {
    const ended = await outcome;
    expect(ended.status).toBe(1);
    return reportOf(ended);
  };

  always('exit status', async () => {
    expect(await failing(step('#!/bin/sh\nexit 7\n'))).toBe(
      `subprocess.CalledProcessError: Command '['${SCRIPT}']' returned non-zero exit status 7.`,
    );
  });

  always.for([
    ['TERM', '<Signals.SIGTERM: 15>'],
    ['KILL', '<Signals.SIGKILL: 9>'],
    ['SEGV', '<Signals.SIGSEGV: 11>'],
    ['HUP', '<Signals.SIGHUP: 1>'],
    ['PIPE', '<Signals.SIGPIPE: 13>'],
    ['35', 'unknown signal 35'],
  ])('signal %s', async ([name, text]) => {
    expect(await failing(step(`#!/bin/sh\nkill -${name} $$\nsleep 5\n`))).toBe(
      `subprocess.CalledProcessError: Command '['${SCRIPT}']' died with ${text}.`,
    );
  });

  always('script missing at chmod', async () => {
    const outcome = step('', { argv: ['/pkg/skyhook_dir/none.sh'] });
    expect(await failing(outcome)).toBe(
      "FileNotFoundError: [Errno 2] No such file or directory: '/pkg/skyhook_dir/none.sh'",
    );
  });

  always('interpreter missing', async () => {
    const outcome = step('#!/no/such/interpreter\n');
    expect(await failing(outcome)).toBe(`FileNotFoundError: [Errno 2] No such file or directory: '${SCRIPT}'`);
  });

  always('working directory missing', async () => {
    const outcome = step('#!/bin/sh\n', { copyDir: '/gone' });
    expect(await failing(outcome)).toBe("FileNotFoundError: [Errno 2] No such file or directory: '/gone'");
  });

  always('working directory is a file', async () => {
    const outcome = step('#!/bin/sh\n', { copyDir: SCRIPT });
    expect(await failing(outcome)).toBe(`NotADirectoryError: [Errno 20] Not a directory: '${SCRIPT}'`);
  });

  always.for([
    ['no #!', 'echo hi\n'],
    ['empty', ''],
  ])('script with %s', async ([, script]) => {
    expect(await failing(step(script ?? ''))).toBe(`OSError: [Errno 8] Exec format error: '${SCRIPT}'`);
  });

  always('directory', async () => {
    const outcome = step('', { argv: ['/pkg/skyhook_dir'] });
    expect(await failing(outcome)).toBe("PermissionError: [Errno 13] Permission denied: '/pkg/skyhook_dir'");
  });

  always('interrupt command that is not executable: a later directory of PATH does not hide it', async () => {
    const rootMount = busyboxRoot({ '/one/reboot': '#!/bin/sh\n' });
    const outcome = launch(commandOf(['reboot', '-f'], { rootMount }), { PATH: '/bin:/one:/two' });
    expect(await failing(outcome)).toBe("PermissionError: [Errno 13] Permission denied: 'reboot'");
  });

  always('interrupt command that is nowhere', async () => {
    const outcome = launch(commandOf(['service', 'procps'], { rootMount: busyboxRoot() }), { PATH: '/bin' });
    expect(await failing(outcome)).toBe("FileNotFoundError: [Errno 2] No such file or directory: 'service'");
  });

  always('env missing', async () => {
    const rootMount = busyboxRoot({ [SCRIPT]: '#!/bin/sh\n' });
    rmSync(join(rootMount, 'bin/env'));
    const outcome = launch(commandOf([SCRIPT], { rootMount, copyDir: '/pkg', noChmod: false }));
    expect(await failing(outcome)).toBe("FileNotFoundError: [Errno 2] No such file or directory: 'env'");
  });

  always('NUL in an argument', async () => {
    expect(await failing(step('#!/bin/sh\n', { argv: [SCRIPT, 'a\0b'] }))).toBe('ValueError: embedded null byte');
  });

  always('copy dir not absolute: after the chmod', async () => {
    const rootMount = busyboxRoot({ [SCRIPT]: '#!/bin/sh\n' });
    const outcome = launch(commandOf([SCRIPT], { rootMount, copyDir: 'pkg', noChmod: false }));
    expect(await failing(outcome)).toBe('ValueError: copy_dir must be an absolute path: pkg');
    expect(statSync(join(rootMount, SCRIPT)).mode & 0o777).toBe(0o755);
  });

  always('copy dir with a byte that is no UTF-8, as Python shows it on standard error', async () => {
    const outcome = step('#!/bin/sh\n', { copyDir: 'p\udcff' });
    expect(await failing(outcome)).toBe('ValueError: copy_dir must be an absolute path: p\\udcff');
  });

  always('environment that is no UTF-8', async () => {
    expect(await failing(step('#!/bin/sh\n', {}, { PATH: '/bin', RAW: '\udcff' }))).toMatch(
      /^UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position \d+: invalid start byte$/,
    );
  });

  always('a value that is no text', async () => {
    expect(await failing(step('#!/bin/sh\n', { argv: [SCRIPT, null, 1n] }))).toBe(
      'TypeError: expected str, bytes or os.PathLike object, not NoneType',
    );
  });

  always('root mount that is not there', async () => {
    expect(await failing(launch(commandOf(['x'], { rootMount: '/no/such/root' })))).toBe(
      "FileNotFoundError: [Errno 2] No such file or directory: '/no/such/root'",
    );
  });
});

test('status 0 is 0, without a report', async () => {
  const outcome = await step('#!/bin/sh\necho out; echo err >&2\n');
  expect([outcome.status, textOf(outcome.out), textOf(outcome.err)]).toEqual([0, 'out\n', 'err\n']);
});

test('arguments and environment keep bytes that are no UTF-8 (18.6)', async () => {
  const rootMount = busyboxRoot({ [SCRIPT]: '#!/bin/sh\nprintf "%s|" "$@" "$RAW"\n' });
  const argv = [SCRIPT, 'a\udcff\udc80b', 'é😀', '', ' x\n'];
  const command = commandOf(argv, { rootMount, copyDir: '/pkg', noChmod: false, env: new Map([['RAW', '\udcfe']]) });
  const { out } = await launch(command);
  expect(decodeOs(Buffer.concat(out))).toBe('a\udcff\udc80b|é😀|| x\n|\udcfe|');
});

test('the root mount, the copy dir and the script may have names that are no UTF-8', async () => {
  const parent = temporaryDirectory('bytes');
  const inner = Buffer.concat([Buffer.from(`${parent}/r`), Buffer.from([0xff])]);
  const made = busyboxRoot({ '/bin/s': '#!/bin/sh\npwd\n' });
  mkdirSync(inner);
  symlinkSync(made, Buffer.concat([inner, Buffer.from('/in')]));
  mkdirSync(Buffer.concat([Buffer.from(`${made}/p`), Buffer.from([0xfe])]));
  const outcome = await launch(commandOf(['s'], { rootMount: `${parent}/r\udcff/in`, copyDir: '/p\udcfe' }));
  expect(reportOf(outcome)).toBe("PermissionError: [Errno 13] Permission denied: 's'");
  chmodSync(join(made, 'bin/s'), 0o755);
  const second = await launch(commandOf(['s'], { rootMount: `${parent}/r\udcff/in`, copyDir: '/p\udcfe' }));
  expect([second.status, decodeOs(Buffer.concat(second.out))]).toEqual([0, '/p\udcfe\n']);
});

test('the environment: the agent\'s, overridden by what "env" prints, overridden by the command\'s (T23, T24)', async () => {
  const env = {
    PATH: '/bin',
    COPY_RESOLV: 'false',
    MULTI: 'first\nINJECTED=yes\nplain',
    CR: 'a\rINJ2=b',
    OWN: 'agent',
  };
  const command = { env: new Map([['OWN', 'command']]) };
  const { out } = await step(
    '#!/bin/sh\nprintf "%s|" "$COPY_RESOLV" "$MULTI" "$INJECTED" "$CR" "$INJ2" "$OWN"\n',
    command,
    env,
  );
  expect(textOf(out)).toBe('false|first|yes|a|b|command|');
});

test('variables keep their order, also names that look like numbers', async () => {
  const rootMount = busyboxRoot();
  const env = { PATH: '/bin', Z: '1', A: '2' };
  const { out } = await launch(
    commandOf(['env'], {
      rootMount,
      env: new Map([
        ['10', 'x'],
        ['Z', '3'],
        ['9', 'y'],
      ]),
    }),
    env,
  );
  expect(textOf(out)).toBe('PATH=/bin\nZ=3\nA=2\n10=x\n9=y\n');
});

test('without PATH, "env" and a bare name are looked up in /bin and /usr/bin', async () => {
  const { out, status } = await launch(commandOf(['env'], { rootMount: busyboxRoot() }), { ONLY: '1' });
  expect([status, textOf(out)]).toEqual([0, 'ONLY=1\n']);
});

test('a bare name is looked up along the PATH that "env" prints', async () => {
  const files = { '/one/env': '#!/bin/sh\necho PATH=/two\n', '/two/tool': '#!/bin/sh\necho two $PATH\n' };
  const rootMount = busyboxRoot(files, { '/one/env': 0o755, '/two/tool': 0o755 });
  const { out } = await launch(commandOf(['tool'], { rootMount }), { PATH: '/one' });
  expect(textOf(out)).toBe('two /two\n');
});

test('exit status and standard error of "env" do not count', async () => {
  const env = '#!/bin/sh\necho complaint >&2\necho FROM=env\nexit 9\n';
  const rootMount = busyboxRoot(
    { '/one/env': env, '/bin/tool': '#!/bin/sh\necho $FROM\n' },
    { '/one/env': 0o755, '/bin/tool': 0o755 },
  );
  const { out, err, status } = await launch(commandOf(['tool'], { rootMount }), { PATH: '/one:/bin' });
  expect([status, textOf(out), textOf(err)]).toEqual([0, 'env\n', '']);
});

test('the script becomes executable and keeps its other bits, set-id among them (T39); interrupts change nothing', async () => {
  const rootMount = busyboxRoot({ [SCRIPT]: '#!/bin/sh\n', '/other': '' });
  chmodSync(join(rootMount, SCRIPT), 0o6600);
  symlinkSync('skyhook_dir/a.sh', join(rootMount, 'pkg/link'));
  await launch(commandOf(['/pkg/link'], { rootMount, copyDir: '/pkg', noChmod: false }));
  expect(statSync(join(rootMount, SCRIPT)).mode & 0o7777).toBe(0o6711);
  await launch(commandOf(['/other'], { rootMount }));
  expect(statSync(join(rootMount, 'other')).mode & 0o7777).toBe(0o644);
});

test('the working directory is the copy dir, and relative entries of PATH count from it', async () => {
  const rootMount = busyboxRoot({ '/pkg/tool': '#!/bin/sh\npwd\n' }, { '/pkg/tool': 0o755 });
  const { out } = await launch(commandOf(['tool'], { rootMount, copyDir: '/pkg' }), { PATH: '/bin:' });
  expect(textOf(out)).toBe('/pkg\n');
});

test("nothing of the agent's environment changes how the launcher runs", async () => {
  const env = { PATH: '/bin', NODE_OPTIONS: '--no-such-option', LD_PRELOAD: '/no/such.so', NODE_DEBUG: 'fs' };
  const { out, err, status } = await step('#!/bin/sh\necho $NODE_OPTIONS\n', {}, env);
  expect([status, textOf(out), textOf(err)]).toEqual([0, '--no-such-option\n', '']);
});

test('no control file stays behind, whatever happened', async () => {
  const directory = temporaryDirectory('tmp');
  const env = { PATH: '/bin', TMPDIR: directory };
  await step('#!/bin/sh\n', {}, env);
  await step('#!/bin/sh\nexit 1\n', {}, env);
  await step('', { copyDir: 'relative' }, env);
  expect(readdirSync(directory)).toEqual([]);
});
