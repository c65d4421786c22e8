import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import type { Command, LogPaths } from '../context.ts';
import { type InterruptContext, runInterrupt } from './run-interrupt.ts';

/** 2026-01-02 03:04:05.678901 UTC */
const MICROS = 1767323045678901;
const NOT_DECODABLE = "Serialized interrupt must be base64 encoded {'type': str, **kwargs: dict[str, any]}";
const TYPES = 'no_op, node_restart, restart_all_services, script_interrupt, service_restart';

describe('commands and ids', () => {
  test.each([
    [{ type: 'node_restart' }, ['reboot'], ['node_restart_0']],
    [{ type: 'restart_all_services' }, ['service procps force-reload'], ['restart_all_services_0']],
    [{ type: 'script_interrupt' }, [], []],
    [{ type: 'no_op' }, [], ['no_op']],
    [{ type: 'service_restart', services: [] }, ['systemctl daemon-reload'], ['service_restart_0']],
    [
      { type: 'service_restart', services: ['cron', 'ssh d', ''] },
      ['systemctl daemon-reload', 'systemctl restart cron', 'systemctl restart ssh d', 'systemctl restart '],
      ['service_restart_0', 'service_restart_1', 'service_restart_2', 'service_restart_3'],
    ],
    [
      { type: 'service_restart', services: 'a😀' },
      ['systemctl daemon-reload', 'systemctl restart a', 'systemctl restart 😀'],
      ['service_restart_0', 'service_restart_1', 'service_restart_2'],
    ],
    [
      { type: 'service_restart', services: { cron: 1 } },
      ['systemctl daemon-reload', 'systemctl restart cron'],
      ['service_restart_0', 'service_restart_1'],
    ],
  ])('%j', async (interrupt, lines, ids) => {
    const agent = agentIn(temporaryDirectory());
    expect(await agent.run(interrupt)).toBe(0);
    expect(agent.commands.map(({ command }) => command.argv.join(' '))).toEqual(lines);
    expect(agent.flags()).toEqual(ids.map((id) => `${id}.complete`));
    expect(agent.printed).toEqual([]);
  });
});

test('a command is echoed, logged, not made executable, and gets nothing added to its environment', async () => {
  const dir = temporaryDirectory();
  const agent = agentIn(dir);
  await agent.run({ type: 'restart_all_services' });
  const out = `${dir}/var/log/x/demo/1.2.3/interrupts/restart_all_services_0-2026-01-02-030405.log`;
  expect(agent.commands).toEqual([
    {
      command: {
        argv: ['service', 'procps', 'force-reload'],
        rootMount: dir,
        copyDir: '/pkg',
        noChmod: true,
        env: new Map(),
        echo: 'service procps force-reload\n',
      },
      logs: { out, err: `${out}.err` },
    },
  ]);
  expect(readdirSync(join(dir, 'var/log/x/demo/1.2.3/interrupts'))).toEqual([]);
});

test('the flag is there before the command starts, and holds the time', async () => {
  const dir = temporaryDirectory();
  const seen: string[] = [];
  const flag = join(dir, 'etc/x/interrupts/flags/cr-1_demo_1.2.3/node_restart_0.complete');
  const agent = agentIn(dir, () => {
    seen.push(readFileSync(flag, 'utf8'));
    return 0;
  });
  await agent.run({ type: 'node_restart' });
  expect(seen).toEqual(['1767323045.678901']);
});

test('what has been run for this resource id is skipped', async () => {
  const dir = temporaryDirectory();
  await agentIn(dir).run({ type: 'service_restart', services: ['a'] });
  const again = agentIn(dir);
  expect(await again.run({ type: 'service_restart', services: ['a', 'b'] })).toBe(0);
  expect(again.printed).toEqual([
    'Skipping interrupt service_restart_0 because it was already run for cr-1_demo_1.2.3',
    'Skipping interrupt service_restart_1 because it was already run for cr-1_demo_1.2.3',
  ]);
  expect(again.commands.map(({ command }) => command.argv)).toEqual([['systemctl', 'restart', 'b']]);
});

test('no_op writes its flag every time', async () => {
  const dir = temporaryDirectory();
  await agentIn(dir).run({ type: 'no_op' });
  const flag = join(dir, 'etc/x/interrupts/flags/cr-1_demo_1.2.3/no_op.complete');
  writeFileSync(flag, 'old');
  await agentIn(dir).run({ type: 'no_op' });
  expect(readFileSync(flag, 'utf8')).toBe('1767323045.678901');
});

describe('failures', () => {
  test('the flag goes, the rest is not run, flags of finished commands stay', async () => {
    const agent = agentIn(temporaryDirectory(), (command) => (command.argv[2] === "it's é\n" ? 1 : 0));
    expect(await agent.run({ type: 'service_restart', services: ['good', "it's é\n", 'later'] })).toBe(1);
    expect(agent.printed).toEqual([`INTERRUPT FAILED: ['systemctl', 'restart', "it's é\\n"] return_code: 1`]);
    expect(agent.flags()).toEqual(['service_restart_0.complete', 'service_restart_1.complete']);
    expect(agent.commands).toHaveLength(3);
  });

  test('a launcher that SIGTERM killed is a reboot: the flag stays and nothing is printed', async () => {
    const agent = agentIn(temporaryDirectory(), () => -15);
    expect(await agent.run({ type: 'node_restart' })).toBe(1);
    expect(agent.printed).toEqual([]);
    expect(agent.flags()).toEqual(['node_restart_0.complete']);
  });

  test.each([
    [{ type: 'node_restart' }, -9, "INTERRUPT FAILED: ['reboot'] return_code: -9"],
    [{ type: 'restart_all_services' }, -15, "INTERRUPT FAILED: ['service', 'procps', 'force-reload'] return_code: -15"],
  ])('any other signal or type is a failure: %j %i', async (interrupt, status, line) => {
    const agent = agentIn(temporaryDirectory(), () => status);
    expect(await agent.run(interrupt)).toBe(1);
    expect(agent.printed).toEqual([line]);
    expect(agent.flags()).toEqual([]);
  });

  test('a service that is no text crashes behind its flag; the next run skips it', async () => {
    const dir = temporaryDirectory();
    const agent = agentIn(dir);
    await expect(agent.run({ type: 'service_restart', services: [5] })).rejects.toMatchObject({
      type: 'TypeError',
      message: 'sequence item 2: expected str instance, int found',
    });
    expect(agent.flags()).toEqual(['service_restart_0.complete', 'service_restart_1.complete']);
    expect(agent.commands).toHaveLength(1);
    expect(await agentIn(dir).run({ type: 'service_restart', services: [5] })).toBe(0);
  });

  test('services that are nothing to go through crash', async () => {
    await expect(agentIn(temporaryDirectory()).run({ type: 'service_restart', services: 5 })).rejects.toMatchObject({
      type: 'TypeError',
      message: "'int' object is not iterable",
    });
  });

  test('a directory where the flags should be is no excuse', async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'etc'));
    writeFileSync(join(dir, 'etc/x'), '');
    await expect(agentIn(dir).run({ type: 'node_restart' })).rejects.toMatchObject({ type: 'NotADirectoryError' });
  });
});

describe('data', () => {
  test.each([
    ['absent', undefined, 'ValueError', NOT_DECODABLE],
    ['empty', '', 'ValueError', NOT_DECODABLE],
    ['no base64', '@@@', 'ValueError', NOT_DECODABLE],
    ['above ASCII', 'é', 'ValueError', NOT_DECODABLE],
    ['no JSON', 'ew==', 'ValueError', NOT_DECODABLE],
    ['no type', json({ services: [] }), 'ValueError', NOT_DECODABLE],
    ['no text', Buffer.from([0x22, 0xff, 0x22]).toString('base64'), 'ValueError', NOT_DECODABLE],
    ['a list', json([1]), 'TypeError', 'list indices must be integers or slices, not str'],
    ['a text', json('type'), 'TypeError', "string indices must be integers, not 'str'"],
    ['null', json(null), 'TypeError', "'NoneType' object is not subscriptable"],
    ['unknown type', json({ type: 'reboot' }), 'ValueError', `Unknown interrupt reboot must be one of: ${TYPES}`],
    ['a number as type', json({ type: 1 }), 'ValueError', `Unknown interrupt 1 must be one of: ${TYPES}`],
    [
      'superfluous services',
      json({ type: 'node_restart', services: [] }),
      'TypeError',
      'NodeRestart() takes no arguments',
    ],
    [
      'missing services',
      json({ type: 'service_restart' }),
      'TypeError',
      "ServiceRestart.__init__() missing 1 required positional argument: 'services'",
    ],
    [
      'a superfluous key',
      json({ type: 'service_restart', services: [], x: 1 }),
      'TypeError',
      "ServiceRestart.__init__() got an unexpected keyword argument 'x'",
    ],
  ])('%s', async (_, data, type, message) => {
    const dir = temporaryDirectory();
    await expect(agentIn(dir).runData(data)).rejects.toMatchObject({ type, message });
    expect(existsSync(join(dir, 'etc'))).toBe(false);
  });

  test.each([
    ['stray characters', 'eyJ0\neXBl*Ijog Im5v=X29wIn0=='],
    ['UTF-16', Buffer.from('{"type": "no_op"}', 'utf16le').toString('base64')],
    ['a byte order mark', Buffer.from('\ufeff{"type": "no_op"}').toString('base64')],
    ['a type given twice: the last counts', Buffer.from('{"type": "x", "type": "no_op"}').toString('base64')],
  ])('%s', async (_, data) => {
    expect(await agentIn(temporaryDirectory()).runData(data)).toBe(0);
  });
});

function json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

/** An agent whose commands only note that they were run. */
function agentIn(rootMount: string, statusOf: (command: Command) => number = () => 0) {
  const printed: string[] = [];
  const commands: { command: Command; logs: LogPaths | undefined }[] = [];
  const context: InterruptContext = {
    clock: { now: () => MICROS },
    stdout: { print: (text) => void printed.push(text), write: () => undefined, flush: () => undefined },
    runCommand: async (command, logs) => {
      commands.push({ command, logs });
      return statusOf(command);
    },
  };
  const place = { rootMount, copyDir: '/pkg', resourceId: 'cr-1_demo_1.2.3', rootDir: '/etc/x', logDir: '/var/log/x' };
  const runData = (interruptData: string | undefined): Promise<number> =>
    runInterrupt(context, { ...place, interruptData });
  return {
    printed,
    commands,
    runData,
    run: (interrupt: unknown): Promise<number> => runData(json(interrupt)),
    flags: (): string[] => readdirSync(join(rootMount, 'etc/x/interrupts/flags/cr-1_demo_1.2.3')).sort(),
  };
}
