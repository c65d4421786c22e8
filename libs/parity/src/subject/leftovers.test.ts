import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { createSubject } from './create-subject.ts';
import { ownMounts } from './mounts.fixture.ts';
import { observed, runShell, shellSubject, testScenario, textOf } from './subject.fixture.ts';

/** Whether a process with this word in its command line runs. */
function runs(word: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(word);
    } catch {
      return false;
    }
  });
}

let count = 0;
/** A number of seconds to sleep that nobody else uses. */
function oddTime(): string {
  count += 1;
  return `${60 + count}.${process.pid}`;
}

needs('root', 'busybox').describe('what a subject leaves running', () => {
  const test = needs('root', 'busybox');

  test('has some time to end, and the tree is looked at afterwards', async () => {
    const { host, leftovers } = await runShell('(sleep 0.4; echo late >/t/root/late) & kill -KILL $$');
    expect(host.rows.map(({ path }) => path)).toEqual(['/late']);
    expect(leftovers).toEqual([]);
  });

  test('is told after that, and killed', async () => {
    const time = oddTime();
    const { leftovers, runs: ended } = await runShell(`sleep ${time} & exit 0`, {}, { grace: 0.2 });
    expect(leftovers).toEqual([`sleep ${time}`]);
    expect(ended[0]?.end).toEqual({ kind: 'exit', code: 0 });
    expect(runs(time)).toBe(false);
  });

  test('is found in whatever group, session and environment it hides', async () => {
    const time = oddTime();
    const script = `busybox setsid env -i /bin/sh -c "(busybox setsid /bin/sleep ${time} &)" </dev/null >/dev/null 2>&1; exit 0`;
    expect((await runShell(script, {}, { grace: 0.2 })).leftovers).toEqual([`/bin/sleep ${time}`]);
    expect(runs(time)).toBe(false);
  });

  test('belongs to its own run only, however many run at once', async () => {
    const [quiet, loud] = await Promise.all([
      shellSubject('i=0; while [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done; echo done', { grace: 0.2 }),
      shellSubject(`sleep 77.${process.pid} & exit 0`, { grace: 0.2 }),
    ]);
    try {
      const short = Array.from({ length: 12 }, () => observed(loud, testScenario()));
      const long = Array.from({ length: 4 }, () => observed(quiet, testScenario()));
      for (const { leftovers } of await Promise.all(short)) expect(leftovers).toEqual([`sleep 77.${process.pid}`]);
      for (const { text, leftovers } of await Promise.all(long)) expect([text, leftovers]).toEqual(['done\n', []]);
    } finally {
      await Promise.all([quiet.close(), loud.close()]);
    }
  });
});

needs('root', 'busybox').describe('a run that is ended', () => {
  const test = needs('root', 'busybox');

  test('by its time limit says so, and keeps what was written until then', async () => {
    const time = oddTime();
    const { runs: ended, leftovers } = await runShell(`echo before; sleep ${time} & sleep ${time}`, { timeout: 0.5 });
    expect(ended[0]?.end).toEqual({ kind: 'timeout', seconds: 0.5 });
    expect(textOf(ended[0]?.stdout)).toBe('before\n');
    expect(leftovers).toEqual([]);
    expect(runs(time)).toBe(false);
  });

  test('by its caller leaves nothing running, and is INTERRUPTED', async () => {
    const time = oddTime();
    const subject = await shellSubject(`busybox setsid sleep ${time} & sleep ${time}`);
    try {
      const abort = new AbortController();
      const ended = observed(subject, testScenario(), abort.signal);
      const outcome = expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' });
      while (!runs(time)) await sleep(10);
      abort.abort();
      await outcome;
      expect(runs(time)).toBe(false);
      await expect(observed(subject, testScenario(), abort.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    } finally {
      await subject.close();
    }
  });

  test('because Baton was killed leaves no process, no mount and no directory', async () => {
    const time = oddTime();
    const temporary = temporaryDirectory('subject');
    const [stdout, stderr] = [join(temporary, 'out'), join(temporary, 'err')];
    const child = await startProcess({
      command: process.execPath,
      args: [join(import.meta.dirname, 'killed.fixture.ts'), time, temporary],
      env: toolEnv(),
      files: [stdout, stderr],
    });
    while (!runs(`sleep\0${time}`)) await sleep(10);
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
    while (runs(time) || readdirSync(temporary).some((name) => name.startsWith('.baton-parity'))) await sleep(20);
    expect(ownMounts()).toEqual([]);
    expect(readFileSync(stderr, 'utf8')).toBe('');
  });

  test('what a predecessor could not remove is removed by the next one', async () => {
    const temporary = temporaryDirectory('subject');
    const dead = await startProcess({ command: 'true', args: [], env: toolEnv(), files: [] });
    await dead.ended;
    const [, , place] = (await import('@baton/kernel')).ownerTag().split('-');
    const stale = join(temporary, `.baton-parity.${dead.pid}-1-${place}.${'0'.repeat(12)}.tmp`);
    mkdirSync(stale);
    const subject = await shellSubject('exit 0', { temporary });
    expect(existsSync(stale)).toBe(false);
    await subject.close();
  });
});

needs('root', 'busybox').describe('a subject that cannot be run is an error, never an empty observation', () => {
  const test = needs('root', 'busybox');
  const mounted = (files: Record<string, string>, mode = 0o755): string => {
    const source = temporaryDirectory('subject');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(source, name), text, { mode });
    return source;
  };

  test('when its interpreter is not in its root', async () => {
    const source = mounted({ real: '#!/bin/sh\n', agent: '#!/agent/real\n' });
    const subject = await createSubject({
      kind: 'process',
      command: ['/agent/agent'],
      mounts: [
        { source, target: '/agent' },
        // Hides the interpreter from the subject, but not from who looks for it.
        { source: mounted({ agent: '#!/agent/gone\n' }), target: '/agent' },
      ],
    }).catch((error: unknown) => error);
    expect(subject).toMatchObject({ code: 'SUBJECT_NOT_FOUND', message: expect.stringContaining('/agent/gone') });
  });

  const unusable = {
    'made for ELF machine': '\x7fELF and nothing else that makes sense',
    'neither an ELF program': 'echo no first line',
  };
  for (const [said, text] of Object.entries(unusable)) {
    test(`when the system would refuse to start it: ${said}`, async () => {
      const mounts = [{ source: mounted({ agent: text }), target: '/agent' }];
      await expect(createSubject({ kind: 'process', command: ['/agent/agent'], mounts })).rejects.toMatchObject({
        code: 'SUBJECT_FAILED',
        message: expect.stringContaining(said),
      });
    });
  }

  test('when it is gone by the time it is run', async () => {
    const source = mounted({ agent: '#!/bin/sh\n' });
    const subject = await createSubject({
      kind: 'process',
      command: ['/agent/agent'],
      mounts: [{ source, target: '/agent' }],
    });
    rmSync(join(source, 'agent'));
    await expect(observed(subject, testScenario())).rejects.toMatchObject({
      code: 'SUBJECT_FAILED',
      message: 'test/one: /agent/agent could not be started: no program /agent/agent',
    });
    await subject.close();
  });

  test('when its working directory is a file', async () => {
    const contents = Buffer.from('');
    const failing = runShell('exit 0', { cwd: '/w', container: [{ path: '/w', type: 'file', contents }] });
    await expect(failing).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  test('but one that fails as the harness would is believed', async () => {
    const { runs: ended } = await runShell(`echo "env: can't execute 'x': No such file" >&2; echo more >&2; exit 127`);
    expect(ended[0]?.end).toEqual({ kind: 'exit', code: 127 });
  });
});
