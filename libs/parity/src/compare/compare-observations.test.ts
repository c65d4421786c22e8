import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { recordingForm } from '../golden/recording-form.ts';
import type { Observation } from '../model/observation.ts';
import { compareObservations } from './compare-observations.ts';
import { bytes, file, momentOf, someScenario, stamp, wrote } from './scenario.fixture.ts';

const scenario = someScenario();
const found = async (old: Observation, now: Observation, rules = scenario): Promise<string[]> =>
  (await compareObservations(rules, old, now)).divergences.map(({ channel, kind }) => `${channel} ${kind}`);
const window = (began: number, ended: number) => ({ window: { began: momentOf(began), ended: momentOf(ended) } });

describe('stamps', () => {
  const chunk = (at: number, text: string): string => `[out]${stamp(at)} ${text}\n`;

  test('do not fall in NEW where they do not in OLD', async () => {
    const old = wrote(chunk(1, 'a') + chunk(200_001, 'b'));
    expect(await found(old, wrote(chunk(900_001, 'a') + chunk(800_001, 'b')))).toEqual(['run1/stdout token-order']);
  });

  test('fall in NEW where they fall in OLD, as in a list with the newest first', async () => {
    const old = wrote(chunk(900_001, 'a') + chunk(200_001, 'b'));
    expect(await found(old, wrote(chunk(5_000_001, 'a') + chunk(4_000_001, 'b')))).toEqual([]);
    expect(await found(old, wrote(chunk(4_000_001, 'a') + chunk(5_000_001, 'b')))).toEqual(['run1/stdout token-order']);
  });

  test('lie within the run, one second more or less', async () => {
    const old = wrote(chunk(1, 'a'));
    const at = (micros: number) => found(old, wrote(chunk(micros, 'a'), window(10_000_000, 20_000_000)));
    expect(await at(9_000_001)).toEqual([]);
    expect(await at(20_999_999)).toEqual([]);
    expect(await at(8_999_999)).toEqual(['run1/stdout token-window']);
    expect(await at(21_000_001)).toEqual(['run1/stdout token-window']);
  });

  test('are local time in the zone of the run', async () => {
    const kolkata = someScenario({ env: [{ name: 'TZ', value: Buffer.from('Asia/Kolkata') }] });
    const ahead = 5.5 * 3_600_000_000;
    const old = wrote(chunk(1, 'a'));
    expect(await found(old, wrote(chunk(ahead + 5, 'a'), window(0, 10)), kolkata)).toEqual([]);
    expect(await found(old, wrote(chunk(5, 'a'), window(0, 10)), kolkata)).toEqual(['run1/stdout token-window']);
  });

  test('that are text of the scenario lie where they will', async () => {
    const given = '1999-01-01T00:00:00\n';
    expect(
      await found(wrote(`${given}${chunk(1, 'a')}`), wrote(`${given}${chunk(900_001, 'a')}`, window(0, 10))),
    ).toEqual([]);
  });

  test('that are equal in OLD are equal in NEW, in one stream and over all', async () => {
    const old = wrote(chunk(1, 'a') + chunk(1, 'b'), {}, [file('/log', chunk(1, 'a'))]);
    const now = (first: number, second: number, log: number) =>
      wrote(chunk(first, 'a') + chunk(second, 'b'), {}, [file('/log', chunk(log, 'a'))]);
    expect(await found(old, now(70_001, 70_001, 70_001))).toEqual([]);
    expect(await found(old, now(70_001, 70_002, 70_001))).toEqual(['run1/stdout token-group']);
    expect(await found(old, now(70_001, 70_001, 70_002))).toEqual(['host:/log token-group']);
    const free = someScenario({ tokens: [{ use: 'iso-local', groups: 'free' }] });
    expect(await found(old, now(70_001, 70_002, 70_003), free)).toEqual([]);
  });

  test('that a pause parts in OLD are parted in NEW, others may coincide', async () => {
    const old = (gap: number) => wrote(chunk(1, 'a') + chunk(1 + gap, 'b'));
    const now = wrote(chunk(70_001, 'a') + chunk(70_001, 'b'));
    expect(await found(old(49_000), now)).toEqual([]);
    expect(await found(old(51_000), now)).toEqual(['run1/stdout token-group']);
  });

  test('that a pause parts are parted over channels, too', async () => {
    const old = wrote(chunk(1, 'a'), { stderr: bytes(chunk(90_001, 'b')) });
    expect(await found(old, wrote(chunk(50_001, 'a'), { stderr: bytes(chunk(50_001, 'b')) }))).toEqual([
      'run1/stderr token-group',
    ]);
  });

  test('have real microseconds', async () => {
    const text = (shift: number, step: number) => [1, 2, 3, 4].map((i) => chunk(shift + i * step, 'a')).join('');
    expect(await found(wrote(text(1, 100_007)), wrote(text(5_000_000, 101_000)))).toEqual(['run1/stdout token-format']);
  });

  test('are ahead of log names as in OLD', async () => {
    const said = (log: string, at: string) => wrote(`[out]${at} -${log}.log\n`);
    const old = said('2026-11-20-183838', '2026-11-21T00:08:39.598505');
    expect(await found(old, said('2026-11-20-190000', '2026-11-21T00:30:01.123456'))).toEqual([]);
    expect(await found(old, said('2026-11-20-190000', '2026-11-20T19:00:01.123456'))).toEqual([
      'run1/stdout token-window',
    ]);
  });
});

describe('trees', () => {
  const tree = (rows: Parameters<typeof wrote>[2], changes: Partial<Observation['host']> = {}): Observation => {
    const observation = wrote('', {}, rows);
    return { ...observation, host: { ...observation.host, ...changes } };
  };

  test('differ in names, types, modes, links, contents, and in what is gone', async () => {
    const old = tree([file('/a', 'x')], { deleted: ['/gone'] });
    expect(await found(old, tree([], { deleted: ['/gone'] }))).toEqual(['host:/a missing-file']);
    expect(await found(old, tree([file('/a', 'x'), file('/b', '')], { deleted: ['/gone'] }))).toEqual([
      'host:/b extra-file',
    ]);
    expect(await found(old, tree([file('/a', 'x')]))).toEqual(['host:/gone extra-file']);
    expect(await found(tree([file('/a', 'x')]), old)).toEqual(['host:/gone missing-file']);
    expect(await found(old, tree([{ path: '/a', type: 'dir', mode: '0644' }], { deleted: ['/gone'] }))).toEqual([
      'host:/a type',
    ]);
    expect(await found(old, tree([file('/a', 'y', { mode: '0600' })], { deleted: ['/gone'] }))).toEqual([
      'host:/a mode',
      'host:/a bytes',
    ]);
    expect(await found(old, tree([file('/a', 'x', { change: 'modified' })], { deleted: ['/gone'] }))).toEqual([
      'host:/a bytes',
    ]);
    const link = (target: string) => tree([{ path: '/l', type: 'symlink', mode: '0777', target }]);
    expect(await found(link('/x'), link('/y'))).toEqual(['host:/l link']);
    expect(await found(tree([]), tree([], { rootMode: '0700' }))).toEqual(['host:/ mode']);
  });

  test('match names by their stamps, in the order of time', async () => {
    const log = (time: string, text: string) => file(`/var/a.sh-2026-11-20-${time}.log`, text);
    const old = tree([log('100000', 'first\n'), log('100005', 'second\n')]);
    expect(await found(old, tree([log('110000', 'first\n'), log('110001', 'second\n')]))).toEqual([]);
    expect(await found(old, tree([log('110000', 'second\n'), log('110001', 'first\n')]))).toEqual([
      'host:/var/a.sh-<log-stamp>.log bytes',
      'host:/var/a.sh-<log-stamp>.log#2 bytes',
    ]);
    expect(await found(old, tree([log('110000', 'first\n')]))).toEqual([
      'host:/var/a.sh-<log-stamp>.log#2 missing-file',
    ]);
    const laid = (time: string) => tree([{ ...log(time, 'x'), change: 'modified' as const }]);
    expect(await found(laid('100000'), laid('110000'))).toEqual([
      'host:/var/a.sh-2026-11-20-100000.log missing-file',
      'host:/var/a.sh-2026-11-20-110000.log extra-file',
    ]);
  });

  test('are left out where the scenario does not look', async () => {
    const rules = someScenario({ observe: { host: false, container: true, modes: false, leftovers: 'any' } });
    const now = { ...tree([file('/x', '')]), leftovers: ['9 sleep'] };
    expect(await found(tree([]), now, rules)).toEqual([]);
    const modes = someScenario({ observe: { host: true, container: true, modes: false, leftovers: 'none' } });
    expect(await found(tree([file('/a', 'x')]), tree([file('/a', 'x', { mode: '0600' })]), modes)).toEqual([]);
  });
});

test('two time-outs are not equal', async () => {
  const late = wrote('', { end: { kind: 'timeout', seconds: 3 } });
  expect(await found(late, late)).toEqual(['run1/exit timeout']);
});

test('a run less, and a stream that was captured of one side only', async () => {
  const two = { ...wrote(''), runs: [...wrote('').runs, ...wrote('').runs] };
  expect(await found(two, wrote(''))).toEqual(['run2/exit exit']);
  expect(await found(wrote('', { stderr: bytes('') }), wrote(''))).toEqual(['run1/stderr bytes']);
});

test('temporary names and process ids stay who they are', async () => {
  const old = wrote('/tmp/tmpaaaaaaaa /tmp/tmpbbbbbbbb\npid 17, again pid 17\n/tmp/tmpaaaaaaaa\n');
  expect(await found(old, wrote('/tmp/tmpcccccccc /tmp/tmpdddddddd\npid 4, again pid 4\n/tmp/tmpcccccccc\n'))).toEqual(
    [],
  );
  expect(await found(old, wrote('/tmp/tmpcccccccc /tmp/tmpdddddddd\npid 4, again pid 5\n/tmp/tmpcccccccc\n'))).toEqual([
    'run1/stdout token-group',
  ]);
  expect(
    await found(old, wrote('/tmp/tmpcccccccc /tmp/tmpcccccccc\npid 4, again pid 4\n/tmp/tmpcccccccc\n')),
  ).toContain('run1/stdout token-group');
  expect(await found(old, wrote('/tmp/tmpcccccccc /tmp/tmpdddddddd\npid 4, again pid 4\n/tmp/tmpdddddddd\n'))).toEqual([
    'run1/stdout token-group',
  ]);
});

test('an epoch is all of a text, as Python prints it', async () => {
  const old = wrote('', {}, [file('/e', '1763661464.2501')]);
  expect(await found(old, wrote('', {}, [file('/e', '1763661999.5')]))).toEqual([]);
  expect(await found(old, wrote('', {}, [file('/e', '1763661999.50')]))).toEqual(['host:/e token-presence']);
  expect(await found(old, wrote('', {}, [file('/e', '1763661999.5\n')]))).toEqual(['host:/e token-presence']);
});

test('a clock that stands still leaves nothing to tokens', async () => {
  const frozen = someScenario({ clock: { kind: 'frozen', time: '2026-05-02 21:51:23' } });
  expect(await found(wrote(`${stamp(1)}\n`), wrote(`${stamp(1)}\n`), frozen)).toEqual([]);
  expect(await found(wrote(`${stamp(1)}\n`), wrote(`${stamp(2)}\n`), frozen)).toEqual(['run1/stdout bytes']);
});

describe('crash reports', () => {
  const teed = (frames: string, error: string, at: number) =>
    `[err]${stamp(at)} Traceback (most recent call last):\n${frames}[err]${stamp(at)} ${error}\n[err]${stamp(at)} SUCEEDED\n`;
  const frame = (at: number, text: string) => `[err]${stamp(at)}   ${text}\n`;

  test('are compared by their level, whatever the frames', async () => {
    const old = wrote(teed(frame(5, 'File "a.py", line 3') + frame(5, '^^^'), 'FileNotFoundError: gone', 5));
    const now = (error: string) => wrote(teed(frame(70_005, 'at main.ts:1'), error, 70_005));
    const at = (crash: 'strict' | 'typed' | 'present', error: string) =>
      found(old, now(error), someScenario({ crash }));
    expect(await at('strict', 'FileNotFoundError: gone')).toEqual([]);
    expect(await at('strict', 'FileNotFoundError: other')).toEqual(['run1/stdout crash']);
    expect(await at('typed', 'FileNotFoundError: other')).toEqual([]);
    expect(await at('typed', 'OSError: gone')).toEqual(['run1/stdout crash']);
    expect(await at('present', 'OSError: gone')).toEqual([]);
    expect(await found(old, wrote('OSError: gone\n'), someScenario({ crash: 'present' }))).toEqual([
      'run1/stdout crash',
    ]);
  });

  test('of an agent go to the end of its stream, or to its next own text', async () => {
    const plain = (frames: string, behind: string) =>
      wrote(`Traceback (most recent call last):\n${frames}KeyError: 'x'\n${behind}`);
    expect(await found(plain('  File "a"\n', ''), plain('  at b\n  at c\n', ''))).toEqual([]);
    const banner = `${'-'.repeat(20)}\nmode: apply\n`;
    expect(await found(plain('  File "a"\n', banner), plain('  at b\n', banner))).toEqual([]);
    expect(await found(plain('  File "a"\n', banner), plain('  at b\n', banner.replace('apply', 'other')))).toEqual([
      'run1/stdout bytes',
    ]);
  });

  test('are text where no rule names them', async () => {
    const report = (frame: string) => wrote(`Traceback (most recent call last):\n  ${frame}\nKeyError: 'x'\n`);
    expect(await found(report('a'), report('b'), someScenario({ tokens: [] }))).toEqual(['run1/stdout bytes']);
  });
});

describe('a text that a recording did not keep', () => {
  const log = (at: number, word = 'text') =>
    `${Array.from({ length: 4000 }, (_, i) => `[out]${stamp(at + i * 13)} ${word} ${i} below /t/root/x`).join('\n')}\n${'z'.repeat(3_000_000)}\n`;
  const elided = (text: string): Observation => {
    const form = recordingForm(Buffer.from(text), '/t/root');
    const sha256 = createHash('sha256').update(form).digest('hex');
    const normalised = { size: form.length, sha256, head: form.subarray(0, 400), tail: form.subarray(-100) };
    return wrote('', {
      stdout: { kind: 'elided', size: text.length, head: Buffer.from(text.slice(0, 99)), normalised },
    });
  };

  test('is compared by size, digest, beginning and end of its form', async () => {
    expect(await found(elided(log(1)), wrote(log(800_001)))).toEqual([]);
    const other = async (text: string) =>
      (await compareObservations(scenario, elided(log(1)), wrote(text))).divergences[0]?.message;
    expect(await other(log(1, 'tent'))).toContain('at byte 12 OLD has');
    expect(await other(log(1).replace('text 3000 below', 'text 3000 bElow'))).toContain('sha256');
    expect(await other(`${log(1)}z`)).toContain('bytes, NEW has');
  });
});
