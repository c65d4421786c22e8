import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadManifest } from '@baton/manifest';
import { agentRecordings, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { openGoldens } from '../golden/golden-store.ts';
import type { ParityImportOptions } from '../options.ts';
import { importParity } from './import-project.ts';
import { reportImport } from './import-recordings.ts';
import { loadSuite } from './load-suite.ts';
import { layRecordings } from './test-recordings.ts';

const recorded = agentRecordings();
const some = (...names: string[]): ReturnType<typeof agentRecordings> =>
  Object.fromEntries(Object.entries(recorded).filter(([name]) => names.includes(name)));
const THREE = some('tee-two-writes', 'resource-id-unset', 'config-bad-json');

const project = (): string => {
  const dir = temporaryDirectory('import');
  writeFileSync(join(dir, 'agent.yaml'), 'version: 1\nname: a\nparity: {}\n');
  return dir;
};
const run = async (
  dir: string,
  recordings: string,
  more: Partial<ParityImportOptions> = {},
  env: NodeJS.ProcessEnv = {},
) =>
  await importParity(
    await loadManifest(dir),
    { recordings, path: dir, of: 'agent 6', goldens: true, overwrite: false, ...more },
    { env, signal: new AbortController().signal },
  );

describe('an import', () => {
  test('writes scenarios, what they have in common, and goldens that say where they come from', async () => {
    const dir = project();
    const result = await run(dir, layRecordings(THREE));
    expect(reportImport(result)).toBe(
      `3 recordings: 3 scenarios written, 0 as they were\nwhat they have in common is in ${join(dir, 'parity/scenarios/suite.yaml')}\n3 goldens written, marked as imported`,
    );
    expect(readFileSync(join(dir, 'parity/scenarios/suite.yaml'), 'utf8')).toMatch(
      /^apiVersion: parity\/v1\nenv:\n {2}PATH: /,
    );
    const suite = await loadSuite(join(dir, 'parity/scenarios'));
    expect(suite.map(({ id }) => id)).toEqual(['cli/resource-id-unset', 'config/bad-json', 'tee/two-writes']);
    const unset = readFileSync(join(dir, 'parity/scenarios/cli/resource-id-unset.yaml'), 'utf8');
    expect(unset).toMatch(/^env: \{ SKYHOOK_RESOURCE_ID: !unset "" \}$/m);
    const goldens = openGoldens(join(dir, 'parity/goldens'));
    expect(await goldens.ids()).toEqual(suite.map(({ id }) => id));
    expect(await goldens.origin('tee/two-writes')).toMatchObject({
      kind: 'imported',
      identity: { name: 'agent 6', facts: { recording: 'tee-two-writes' } },
    });
  });

  test('done again changes nothing; of one recording it keeps the suite that is there', async () => {
    const dir = project();
    const recordings = layRecordings(THREE);
    await run(dir, recordings);
    const suite = readFileSync(join(dir, 'parity/scenarios/suite.yaml'));
    const again = await run(dir, recordings);
    expect(again.scenarios.map(({ written }) => written)).toEqual([false, false, false]);
    rmSync(join(dir, 'parity/scenarios/tee/two-writes.yaml'));
    const one = await run(dir, join(recordings, 'tee-two-writes'), { goldens: false });
    expect(one).toMatchObject({
      goldens: 0,
      scenarios: [{ id: 'tee/two-writes', recording: 'tee-two-writes', written: true }],
    });
    expect(one).not.toHaveProperty('suite');
    expect(readFileSync(join(dir, 'parity/scenarios/suite.yaml'))).toEqual(suite);
  });

  test('never replaces what somebody wrote, unless it is told to', async () => {
    const dir = project();
    const recordings = layRecordings(THREE);
    await run(dir, recordings);
    const file = join(dir, 'parity/scenarios/tee/two-writes.yaml');
    const mine = `${readFileSync(file, 'utf8')}timing: alone\n`;
    writeFileSync(file, mine);
    rmSync(join(dir, 'parity/scenarios/config/bad-json.yaml'));
    await expect(run(dir, recordings)).rejects.toMatchObject({
      code: 'SCENARIO_DUPLICATE',
      message: `${file} is there already, and says something else than the recording`,
    });
    expect(readFileSync(file, 'utf8')).toBe(mine);
    await run(dir, recordings, { overwrite: true });
    expect(readFileSync(file, 'utf8')).not.toContain('timing: alone');
  });

  test('never replaces a golden of another origin, unless it is told to', async () => {
    const dir = project();
    const recordings = layRecordings(THREE);
    await run(dir, recordings);
    const changed = layRecordings({
      'tee-two-writes': {
        'scenario.json': recorded['tee-two-writes']?.['scenario.json'] ?? '',
        'expected.json': (recorded['tee-two-writes']?.['expected.json'] ?? '').replace(
          '"exit_code": 0',
          '"exit_code": 7',
        ),
      },
    });
    await expect(run(dir, changed)).rejects.toMatchObject({
      code: 'SCENARIO_DUPLICATE',
      message: 'there is a golden of tee/two-writes already, and it does not come from this recording',
    });
    const goldens = openGoldens(join(dir, 'parity/goldens'));
    expect((await goldens.read('tee/two-writes')).runs[0]?.end).toEqual({ kind: 'exit', code: 0 });
    await run(dir, changed, { overwrite: true });
    expect((await goldens.read('tee/two-writes')).runs[0]?.end).toEqual({ kind: 'exit', code: 7 });
  });

  test('writes no golden in CI', async () => {
    const dir = project();
    const recordings = layRecordings(THREE);
    await expect(run(dir, recordings, {}, { CI: 'true' })).rejects.toMatchObject({ code: 'GOLDEN_READ_ONLY' });
    expect((await run(dir, recordings, { goldens: false }, { CI: 'true' })).scenarios).toHaveLength(3);
  });

  test('of two recordings with one id, of nothing, and of what is broken writes nothing', async () => {
    const dir = project();
    const twin = (name: string): Record<'scenario.json' | 'expected.json', string> => {
      const files = recorded['tee-two-writes'] ?? { 'scenario.json': '', 'expected.json': '' };
      const renamed = (text: string): string => text.replace('"name": "tee-two-writes"', `"name": "${name}"`);
      return { 'scenario.json': renamed(files['scenario.json']), 'expected.json': renamed(files['expected.json']) };
    };
    const twins = layRecordings({ 'tee-two-writes': twin('tee-two-writes'), 'two-writes': twin('two-writes') });
    await expect(run(dir, twins)).rejects.toMatchObject({
      code: 'SCENARIO_DUPLICATE',
      message: 'the recordings tee-two-writes and two-writes both become tee/two-writes',
    });
    await expect(run(dir, layRecordings({}))).rejects.toMatchObject({ code: 'RECORDING_INVALID' });
    await expect(run(dir, join(dir, 'no'))).rejects.toMatchObject({ code: 'RECORDING_INVALID' });
    await expect(run(dir, layRecordings({ ...THREE, x: { 'scenario.json': '{' } }))).rejects.toMatchObject({
      code: 'RECORDING_INVALID',
    });
    await expect(loadSuite(join(dir, 'parity/scenarios'))).rejects.toMatchObject({ code: 'SCENARIO_NOT_FOUND' });
  });
});
