import { describe, expect, test } from 'vitest';
import { testHost } from '../run/test-agent.ts';

const FILE = '/etc/skyhook/history/demo.json';
const modes = {
  upgrade: [
    { path: 'u.sh', upgrade_step: true },
    { path: 'v.sh', arguments: ['p'], env: { CURRENT_VERSION: 'mine', PREVIOUS_VERSION: 'mine' } },
  ],
  'upgrade-check': [{ path: 'u_check.sh', upgrade_step: true }, { path: 'v_check.sh' }],
  apply: [{ path: 'a.sh' }],
  'apply-check': [{ path: 'a_check.sh' }],
};
const ENTRY = '{"version": "1.2.3", "time": "2026-01-02T03:04:05.678901+00:00"}';

function hostWith(history: string | undefined) {
  const host = testHost(modes);
  if (history !== undefined) host.write(FILE, history);
  return host;
}

describe('the previous version of an upgrade', () => {
  test('comes from the history, for steps of both kinds', async () => {
    const { said, commands } = await hostWith('{"current-version": "1.0.0", "history": []}').run('upgrade');
    expect(said).toBe(
      [
        "upgrade u.sh ['1.0.0', '1.2.3'] [0] Idempotence.Auto True",
        'SUCEEDED: u.sh 1.0.0 1.2.3',
        "upgrade v.sh ['p'] [0] Idempotence.Auto True",
        'SUCEEDED: v.sh p',
        '',
      ].join('\n'),
    );
    for (const { command } of commands) {
      expect([command.env.get('CURRENT_VERSION'), command.env.get('PREVIOUS_VERSION')]).toEqual(['1.2.3', '1.0.0']);
    }
  });

  test('is unknown without one, and said to be so for every step and once more at the end', async () => {
    const host = hostWith(undefined);
    const line = 'no existing history found for demo, could be first installation...';
    const { said } = await host.run('upgrade-check');
    expect(said.split('\n').filter((text) => text === line)).toHaveLength(3);
    expect(said).toContain("upgrade-check u_check.sh ['unknown', '1.2.3'] [0] Idempotence.Auto True\n");
    expect(host.read(FILE)).toBe(`{"current-version": "1.2.3", "history": [${ENTRY}]}`);
  });

  test.each([
    '{"current-version": ',
    '',
    '\uFEFF{}',
    'nope',
  ])('is empty for the step that meets a corrupt one: %j', async (text) => {
    const host = hostWith(text);
    host.write(`${FILE}.backup`, 'older');
    const { said } = await host.run('upgrade');
    expect(said.split('\n').slice(0, 4)).toEqual([
      `Failed to load existing history, corrupt history file moved to ${host.root}${FILE}.backup...`,
      "upgrade u.sh ['', '1.2.3'] [0] Idempotence.Auto True",
      'SUCEEDED: u.sh  1.2.3',
      'no existing history found for demo, could be first installation...',
    ]);
    expect(host.read(`${FILE}.backup`)).toBe(text);
    expect(host.files()).not.toContain(FILE);
  });

  test.each([
    { value: 'null', text: 'None', type: 'NoneType' },
    { value: '17', text: '17', type: 'int' },
    { value: '1e0', text: '1.0', type: 'float' },
    { value: '[true]', text: '[True]', type: 'list' },
  ])('may be no text: $value reaches the launcher, and cannot be printed', async ({ value, text, type }) => {
    const { status, said, stderr, commands } = await hostWith(`{"current-version": ${value}}`).run('upgrade', {
      onCommand: () => 1,
    });
    expect(said).toBe(`upgrade u.sh [${text}, '1.2.3'] [0] Idempotence.Auto True\n`);
    expect(commands[0]?.command.argv[2]).toBe('1.2.3');
    expect(typeof commands[0]?.command.env.get('PREVIOUS_VERSION')).not.toBe('string');
    expect({ status, last: stderr.split('\n').at(-2) }).toEqual({
      status: 1,
      last: `TypeError: sequence item 0: expected str instance, ${type} found`,
    });
  });
});

describe('a passed check', () => {
  test('adds an entry in front, also for the same version', async () => {
    const host = hostWith('{"current-version": "1.2.3", "history": [{"version": "1.2.3", "time": "t"}]}');
    await host.run('apply-check');
    expect(host.read(FILE)).toBe(
      `{"current-version": "1.2.3", "history": [${ENTRY}, {"version": "1.2.3", "time": "t"}]}`,
    );
  });

  test('keeps unknown keys and their order, and spells numbers and texts anew', async () => {
    const host = hostWith(
      String.raw`{"zeta": 1, "10": "ten", "2": 2.50, "history": [ {"time":"t","version":"é😀","n":1E2} ], "current-version":"x", "big": 123456789012345678901, "f": 0.1e-7, "neg": -0.0, "u": "\u007f\u0080</\/"}`,
    );
    expect((await host.run('apply-check')).status).toBe(0);
    expect(host.read(FILE)).toBe(
      String.raw`{"zeta": 1, "10": "ten", "2": 2.5, "history": [${ENTRY}, {"time": "t", "version": "\u00e9\ud83d\ude00", "n": 100.0}], "current-version": "1.2.3", "big": 123456789012345678901, "f": 1e-08, "neg": -0.0, "u": "\u007f\u0080<//"}`,
    );
  });

  test('starts anew behind a corrupt one', async () => {
    const host = hostWith('');
    const { status, said } = await host.run('apply-check');
    expect(status).toBe(0);
    expect(said.split('\n').at(-2)).toBe(
      `Failed to load existing history, corrupt history file moved to ${host.root}${FILE}.backup...`,
    );
    expect(host.read(FILE)).toBe(`{"current-version": "1.2.3", "history": [${ENTRY}]}`);
  });

  test.each([
    { text: '[]', last: 'TypeError: list indices must be integers or slices, not str' },
    { text: '{"current-version": "1.0.0"}', last: "KeyError: 'history'" },
    { text: '{"history": {}}', last: 'TypeError: can only concatenate list (not "dict") to list' },
    { text: '{"history": null}', last: 'TypeError: can only concatenate list (not "NoneType") to list' },
    { text: '7', last: "TypeError: 'int' object does not support item assignment" },
    { text: '"x"', last: "TypeError: 'str' object does not support item assignment" },
    { text: 'null', last: "TypeError: 'NoneType' object does not support item assignment" },
  ])('crashes over a document of another shape, which stays: $text', async ({ text, last }) => {
    const host = hostWith(text);
    const { status, stderr } = await host.run('apply-check');
    expect({ status, last: stderr.split('\n').at(-2), kept: host.read(FILE) }).toEqual({ status: 1, last, kept: text });
    expect(host.files()).toContain('/etc/skyhook/flags/apply-check_ALL_CHECKED');
  });
});

describe('a history of another shape', () => {
  test.each([
    { text: '{}', last: "KeyError: 'current-version'" },
    { text: '[]', last: 'TypeError: list indices must be integers or slices, not str' },
    { text: '"x"', last: "TypeError: string indices must be integers, not 'str'" },
    { text: 'true', last: "TypeError: 'bool' object is not subscriptable" },
  ])('crashes an upgrade before its first step: $text', async ({ text, last }) => {
    const { status, said, stderr } = await hostWith(text).run('upgrade');
    expect({ status, said, last: stderr.split('\n').at(-2) }).toEqual({ status: 1, said: '', last });
  });

  test('crashes where it is not UTF-8, and stays', async () => {
    const host = hostWith(undefined);
    host.write(FILE, '');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${host.root}${FILE}`, Buffer.from([0x22, 0xff, 0x22]));
    const { status, stderr } = await host.run('upgrade');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /\nUnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 1: invalid start byte\n$/,
    );
    expect(host.files()).toContain(FILE);
  });
});
