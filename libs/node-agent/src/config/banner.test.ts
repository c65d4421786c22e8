import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centred, printBanner } from './banner.ts';
import { type Invocation, readInvocation } from './invocation.ts';
import { splitResourceId } from './resource-id.ts';
import { readSettings } from './settings.ts';
import { outcomeOf } from './test-config.ts';

/** The lines that a banner printed, and how it ended. */
function bannerOf(env: Record<string, string>, argv: string[]): { lines: string[]; outcome: Invocation | string } {
  const lines: string[] = [];
  const stdout = { print: (text: string) => void lines.push(text) };
  const outcome = outcomeOf(() =>
    printBanner(stdout, readSettings(new Map(Object.entries(env))), readInvocation(argv)),
  );
  return { lines, outcome };
}

describe('printBanner', () => {
  test('prints everything, and makes the log directory in the container', () => {
    const logs = join(temporaryDirectory(), 'srv/logs');
    const env = {
      COPY_RESOLV: 'True',
      SKYHOOK_RESOURCE_ID: 'cr-0001_other_9.9.9-rc.1+b',
      OVERLAY_ALWAYS_RUN_STEP: 'TRUE',
      SKYHOOK_DATA_DIR: '/data',
      SKYHOOK_ROOT_DIR: '/var/lib/sky',
      SKYHOOK_LOG_DIR: logs,
      SKYHOOK_AGENT_BUFFER_LIMIT: ' 1_024 ',
      SKYHOOK_AGENT_WRITE_LOGS: 'yes',
    };
    const { lines, outcome } = bannerOf(env, ['apply', '/t/root', '/pkg']);
    expect(outcome).toEqual({ mode: 'apply', rootMount: '/t/root', copyDir: '/pkg', interruptData: undefined });
    expect(lines).toEqual([
      '--------------------',
      '-CLI CONFIGURATION--',
      'mode: apply',
      'root_mount: /t/root',
      'copy_dir: /pkg',
      'interrupt_data: None',
      'always_run_step: True',
      '-ENV CONFIGURATION--',
      'COPY_RESOLV: True',
      'OVERLAY_ALWAYS_RUN_STEP: True',
      'SKYHOOK_RESOURCE_ID: cr-0001_other_9.9.9-rc.1+b',
      'SKYHOOK_DATA_DIR: /data',
      'SKYHOOK_ROOT_DIR: /var/lib/sky',
      `SKYHOOK_LOG_DIR: ${logs}`,
      'SKYHOOK_AGENT_BUFFER_LIMIT: 1024',
      'SKYHOOK_AGENT_WRITE_LOGS: False',
      'Directory CONFIGURATION',
      'flag_dir: /var/lib/sky/flags/other/9.9.9-rc.1+b',
      `log_dir: ${logs}/other/9.9.9-rc.1+b`,
      'history_file: /var/lib/sky/history/other.json',
      '--------------------',
    ]);
    expect(existsSync(`${logs}/other/9.9.9-rc.1+b`)).toBe(true);
  });

  test('an empty argument is not an absent one, and the parts of the resource id may be empty', () => {
    const logs = temporaryDirectory();
    const { lines } = bannerOf({ SKYHOOK_RESOURCE_ID: '__', SKYHOOK_LOG_DIR: logs }, ['', '', '', '']);
    expect(lines.slice(2, 6)).toEqual(['mode: ', 'root_mount: ', 'copy_dir: ', 'interrupt_data: ']);
    expect(lines.slice(-4, -1)).toEqual([
      'flag_dir: /etc/skyhook/flags//',
      `log_dir: ${logs}//`,
      'history_file: /etc/skyhook/history/.json',
    ]);
  });

  test('a wrong number of arguments ends it after two lines', () => {
    const { lines, outcome } = bannerOf({}, ['apply']);
    expect(lines).toEqual(['--------------------', '-CLI CONFIGURATION--']);
    expect(outcome).toMatch(/^UnboundLocalError: .*'mode'/);
  });

  test('a bad resource id ends it before flag_dir, and nothing is made', () => {
    const logs = temporaryDirectory();
    const { lines, outcome } = bannerOf({ SKYHOOK_LOG_DIR: logs, SKYHOOK_RESOURCE_ID: 'a_b' }, ['apply', '/r', '/pkg']);
    expect(lines.at(-1)).toBe('Directory CONFIGURATION');
    expect(outcome).toBe('ValueError: not enough values to unpack (expected 3, got 2)');
    expect(existsSync(`${logs}/b`)).toBe(false);
  });

  test('a log directory that cannot be made ends it before log_dir', () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const env = { SKYHOOK_LOG_DIR: file, SKYHOOK_RESOURCE_ID: 'a_b_c' };
    const { lines, outcome } = bannerOf(env, ['apply', '/r', '/pkg']);
    expect(lines.at(-1)).toBe('flag_dir: /etc/skyhook/flags/b/c');
    expect(outcome).toBe(`NotADirectoryError: [Errno 20] Not a directory: '${file}/b'`);
  });
});

describe('splitResourceId', () => {
  test('wants exactly two underscores', () => {
    expect(splitResourceId('cr-0001_demo_1.2.3')).toEqual({ name: 'demo', version: '1.2.3' });
    expect(splitResourceId('__')).toEqual({ name: '', version: '' });
    const few = 'ValueError: not enough values to unpack (expected 3, got';
    expect(outcomeOf(() => splitResourceId(''))).toBe(`${few} 1)`);
    expect(outcomeOf(() => splitResourceId('a_b'))).toBe(`${few} 2)`);
    expect(outcomeOf(() => splitResourceId('a_b_c_d'))).toBe('ValueError: too many values to unpack (expected 3)');
  });
});

describe('centred', () => {
  test.each([
    ['abc', 6, '-abc--'],
    ['abc', 7, '--abc--'],
    ['abcd', 7, '--abcd-'],
    ['abcdefg', 3, 'abcdefg'],
    ['', 3, '---'],
    ['\u{1F600}', 2, '\u{1F600}-'],
  ])('%j in %i columns', (text, width, line) => {
    expect(centred(text, width, '-')).toBe(line);
  });

  test('fills the width, and the sides differ by one at most', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,30}$/), fc.nat(40), (text, width) => {
        const line = centred(text, width, '.');
        expect(line).toHaveLength(Math.max(width, text.length));
        const [left, right] = [/^[.]*/.exec(line)?.[0].length ?? 0, /[.]*$/.exec(line)?.[0].length ?? 0];
        if (text !== '') expect(Math.abs(left - right)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
