import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { cleanUpStepLogs, interruptLogs, type LogPlace, stepLogs } from './log-files.ts';

/** 2026-01-02 03:04:05.678901 UTC */
const MICROS = 1767323045678901;

describe('names', () => {
  test('a step has its path behind a doubled slash, and the directories are made', () => {
    const place = placeIn(temporaryDirectory());
    const out = `${place.rootMount}/var/log/x/demo/1.2.3//sub dir/a.sh-2026-01-02-030405.log`;
    expect(stepLogs(place, '/pkg', 'sub dir/a.sh', MICROS)).toEqual({ out, err: `${out}.err` });
    expect(readdirSync(`${place.rootMount}/var/log/x/demo/1.2.3/sub dir`)).toEqual([]);
  });

  test('every mention of the script directory is deleted', () => {
    const place = placeIn(temporaryDirectory());
    const { out } = stepLogs(place, '/p', 'x/p/skyhook_dir/a.sh', MICROS);
    expect(out).toBe(`${place.rootMount}/var/log/x/demo/1.2.3//x/a.sh-2026-01-02-030405.log`);
  });

  test('an interrupt has a directory of its own', () => {
    const place = placeIn(temporaryDirectory());
    const out = `${place.rootMount}/var/log/x/demo/1.2.3/interrupts/node_restart_0-2026-01-02-030405.log`;
    expect(interruptLogs(place, 'node_restart_0', MICROS)).toEqual({ out, err: `${out}.err` });
    expect(existsSync(dirname(out))).toBe(true);
  });

  test('a root mount without a slash fuses with the log directory', () => {
    const dir = temporaryDirectory();
    const place = { ...placeIn(dir), rootMount: `${dir}/root`, logDir: 'logs' };
    expect(stepLogs(place, '/pkg', 'a', MICROS).out).toBe(`${dir}/rootlogs/demo/1.2.3//a-2026-01-02-030405.log`);
  });
});

describe('clean-up', () => {
  test('the newest five stay; the error logs too', () => {
    const place = placeIn(temporaryDirectory());
    const logs = ['a-1.log', 'a-2.log', 'a-3.log', 'a-4.log', 'a-5.log', 'a-6.log', 'a-7.log'];
    // By their age, not by their names.
    fill(place, {
      ...ages(logs, [70, 10, 60, 20, 50, 30, 40]),
      ...ages(
        logs.map((log) => `${log}.err`),
        [1, 2, 3, 4, 5, 6, 7],
      ),
    });
    cleanUpStepLogs(place, '/pkg', 'a');
    expect(namesIn(place).filter((name) => name.endsWith('.log'))).toEqual([
      'a-1.log',
      'a-3.log',
      'a-5.log',
      'a-6.log',
      'a-7.log',
    ]);
    expect(namesIn(place).filter((name) => name.endsWith('.err'))).toHaveLength(7);
  });

  test('of equal age the later name stays', () => {
    const place = placeIn(temporaryDirectory());
    const logs = ['a-1.log', 'a-2.log', 'a-3.log', 'a-4.log', 'a-5.log', 'a-6.log'];
    fill(
      place,
      ages(
        logs,
        logs.map(() => 5),
      ),
    );
    cleanUpStepLogs(place, '/pkg', 'a');
    expect(namesIn(place)).toEqual(logs.slice(1));
  });

  test('a step takes logs of another one whose name goes on with a hyphen', () => {
    const place = placeIn(temporaryDirectory());
    fill(
      place,
      ages(
        ['a-b-1.log', 'a-b-2.log', 'a-1.log', 'a-2.log', 'a-3.log', 'a-4.log', 'a-5.log', 'ab-1.log'],
        [1, 2, 3, 4, 5, 6, 7, 0],
      ),
    );
    cleanUpStepLogs(place, '/pkg', 'a');
    expect(namesIn(place)).toEqual(['a-1.log', 'a-2.log', 'a-3.log', 'a-4.log', 'a-5.log', 'ab-1.log']);
  });

  test('a step with a pattern in its path has the logs of another one', () => {
    const place = placeIn(temporaryDirectory());
    const logs = ['1', '2', '3', '4', '5', '6'].flatMap((n) => [`a[1]-${n}.log`, `a1-${n}.log`]);
    fill(place, ages(logs, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]));
    cleanUpStepLogs(place, '/pkg', 'a[1]');
    expect(namesIn(place)).toEqual(
      [...logs.filter((log) => log.startsWith('a1')).slice(1), ...logs.filter((log) => log.startsWith('a['))].sort(),
    );
  });

  test('a pattern anywhere in the path counts', () => {
    const place = { ...placeIn(temporaryDirectory()), packageVersion: '1.?.3' };
    const other = { ...place, packageVersion: '1.2.3' };
    const logs = ['a-1.log', 'a-2.log', 'a-3.log', 'a-4.log', 'a-5.log', 'a-6.log'];
    fill(other, ages(logs, [1, 2, 3, 4, 5, 6]));
    cleanUpStepLogs(place, '/pkg', 'a');
    expect(namesIn(other)).toEqual(logs.slice(1));
  });

  test('a hidden step has hidden logs', () => {
    const place = placeIn(temporaryDirectory());
    const logs = ['.a-1.log', '.a-2.log', '.a-3.log', '.a-4.log', '.a-5.log', '.a-6.log'];
    fill(place, ages(logs, [1, 2, 3, 4, 5, 6]));
    cleanUpStepLogs(place, '/pkg', '.a');
    expect(namesIn(place)).toEqual(logs.slice(1));
  });

  test('a match that cannot be looked at is a crash', () => {
    const place = placeIn(temporaryDirectory());
    fill(place, {});
    symlinkSync('nowhere', join(directory(place), 'a-1.log'));
    expect(() => cleanUpStepLogs(place, '/pkg', 'a')).toThrow(/^\[Errno 2\] No such file or directory: '/);
  });
});

function placeIn(rootMount: string): LogPlace {
  return { rootMount, logDir: '/var/log/x', packageName: 'demo', packageVersion: '1.2.3' };
}

function directory({ rootMount, logDir, packageName, packageVersion }: LogPlace): string {
  return `${rootMount}${logDir}/${packageName}/${packageVersion}`;
}

/** Writes logs that were changed at the given seconds. */
function fill(place: LogPlace, files: Record<string, number>): void {
  mkdirSync(directory(place), { recursive: true });
  for (const [name, seconds] of Object.entries(files)) {
    const path = join(directory(place), name);
    writeFileSync(path, name);
    utimesSync(path, seconds, seconds);
  }
}

function ages(names: readonly string[], seconds: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, seconds[i] ?? 0]));
}

function namesIn(place: LogPlace): string[] {
  return readdirSync(directory(place)).sort();
}
