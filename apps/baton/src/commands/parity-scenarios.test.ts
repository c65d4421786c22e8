import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

const dir = temporaryDirectory('parity-scenarios');
const baton = (...args: string[]) => runBaton(args, { cwd: dir, env: { CI: '' } });
const recording = (name: string, tags: string[], exit: number): void => {
  mkdirSync(join(dir, 'recordings', name), { recursive: true });
  const scenario = {
    name,
    title: `about ${name}`,
    tags,
    env: { PATH: '/bin', RAW: 'hex:ff' },
    root_mount: '/t/root',
    rootfs: 'none',
    host_tree: [{ path: '/a', utf8: 'a\nb\n' }],
    runs: [{ argv: ['{ROOT}'] }, { argv: [] }],
    normalised: [],
  };
  const run = { exit_code: exit, stdout: { raw: { utf8: 'done\n' } }, stderr: { raw: { utf8: '' } } };
  const expected = { name, runs: [run, run], files: [], container_files: [] };
  writeFileSync(join(dir, 'recordings', name, 'scenario.json'), JSON.stringify(scenario));
  writeFileSync(join(dir, 'recordings', name, 'expected.json'), JSON.stringify(expected));
};

beforeAll(async () => {
  writeFileSync(join(dir, 'agent.yaml'), 'version: 1\nname: a\nparity: {}\n');
  recording('tee-one', ['tee', 'crash'], 0);
  recording('two', ['flags'], 3);
  expect(await baton('parity', 'import', 'recordings', '--of', 'agent 6')).toMatchObject({ code: 0, stderr: '' });
});

describe('parity import and list', () => {
  test('what was imported is listed: id, tags, runs, reason', async () => {
    const ran = await baton('parity', 'list');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toBe(
      [
        'id         tags        runs  why',
        'flags/two  flags          2  about two',
        'tee/one    tee, crash     2  about tee-one',
        '',
        '2 scenarios, 4 runs',
        '',
      ].join('\n'),
    );
  });

  test('--json, a folder, a tag and an id', async () => {
    const ran = await baton('--json', 'parity', 'list', 'parity/scenarios', '--tag', 'crash');
    expect(document(ran)).toEqual({
      ok: true,
      result: [{ id: 'tee/one', tags: ['tee', 'crash'], runs: 2, why: 'about tee-one' }],
    });
    expect((await baton('parity', 'list', '--only', 'flags')).stdout).toMatch(/1 scenario, 2 runs/);
  });

  test('importing again replaces nothing that somebody wrote', async () => {
    writeFileSync(
      join(dir, 'parity/scenarios/flags/two.yaml'),
      'apiVersion: parity/v1\nid: flags/two\nwhy: mine\nruns: [ { argv: [] } ]\n',
    );
    const ran = await baton('parity', 'import', 'recordings');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/flags\/two.yaml is there already, and says something else than the recording/);
    expect((await baton('parity', 'import', 'recordings', '--overwrite')).stdout).toMatch(
      /2 recordings: 1 scenario written, 1 as they were/,
    );
  });

  test('a mistake in a scenario is told with its place', async () => {
    writeFileSync(
      join(dir, 'parity/scenarios/flags/two.yaml'),
      'apiVersion: parity/v1\nid: flags/two\nwhy: mine\nrusn: []\n',
    );
    const ran = await baton('parity', 'list');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/flags\/two.yaml:4:1: unknown key "rusn", did you mean "runs"\?/);
  });

  test('a project without the section is told how to write one', async () => {
    mkdirSync(join(dir, 'bare'), { recursive: true });
    writeFileSync(join(dir, 'bare/agent.yaml'), 'version: 1\nname: a\n');
    const ran = await baton('parity', 'list', 'bare');
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/has no section "parity"/)]);
  });
});
