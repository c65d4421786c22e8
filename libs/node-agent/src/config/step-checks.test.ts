import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import type { Step } from './config.ts';
import type { Mode } from './modes.ts';
import { checkModes, checkScripts, companionOf, missingCompanions } from './step-checks.ts';
import { outcomeOf } from './test-config.ts';

function step(path: string, upgradeStep = false): Step {
  return {
    name: 'n',
    path,
    arguments: [],
    returnCodes: [0n],
    onHost: true,
    idempotence: 'Auto',
    upgradeStep,
    env: new Map(),
  };
}

/** Modes with steps of these paths; one that begins with `^` is an upgrade step. */
function modesOf(paths: Partial<Record<Mode, string[]>>): Map<Mode, Step[]> {
  const entries = Object.entries(paths) as [Mode, string[]][];
  return new Map(
    entries.map(([mode, list]) => [mode, list.map((path) => step(path.replace('^', ''), path[0] === '^'))]),
  );
}

describe('checkModes', () => {
  const ERROR = 'skyhook_agent.step.StepError: ';
  const NONE = `${ERROR}There are no defined steps.`;
  const ONLY_CHECKS = `${ERROR}There are only check modes defined. You must define at least one of UNINSTALL, UPGRADE, APPLY, CONFIG, POST_INTERRUPT`;
  const noChecks = (mode: string) =>
    `${ERROR}Couldn't validate steps. There are no checks for any of the ${mode} steps.`;
  const misplaced = (path: string, mode: string) =>
    `${ERROR}UpgradeStep ${path} defined in the ${mode} mode but can only be defined in the UPGRADE or UPGRADE_CHECK modes.`;

  test.each<[Partial<Record<Mode, string[]>>, string | undefined]>([
    [{}, NONE],
    [{ apply: [], 'apply-check': [], interrupt: [] }, NONE],
    [{ 'apply-check': ['c'] }, ONLY_CHECKS],
    [{ interrupt: ['c'] }, ONLY_CHECKS],
    [{ apply: [], 'config-check': ['c'] }, undefined],
    [{ apply: ['a'] }, noChecks('apply')],
    [{ apply: ['a'], 'apply-check': [] }, noChecks('apply')],
    [{ apply: ['a'], 'config-check': ['c'] }, noChecks('apply')],
    [{ 'post-interrupt': ['a'], upgrade: ['a'] }, noChecks('upgrade')],
    [{ 'post-interrupt': ['a'] }, noChecks('post-interrupt')],
    [{ apply: ['^a'] }, noChecks('apply')],
    [{ apply: ['a', '^b'], 'apply-check': ['c'] }, misplaced('b', 'apply')],
    [{ 'config-check': ['^c'], apply: ['^a'], 'apply-check': ['c'] }, misplaced('c', 'config-check')],
    [{ upgrade: ['^a'], 'upgrade-check': ['^b'] }, undefined],
  ])('%j: %s', (paths, outcome) => {
    expect(outcomeOf(() => checkModes(modesOf(paths)))).toBe(outcome);
  });
});

describe('companionOf', () => {
  test.each([
    ['a.sh', 'a_check.sh'],
    ['a', 'a_check'],
    ['a.', 'a_check'],
    ['a..', 'a._check'],
    ['c.tar.sh', 'c.tar_check.sh'],
    ['a.d/run', 'a_check.d/run'],
    ['d/run', 'd/run_check'],
    ['.hidden', '_check.hidden'],
    ['', '_check'],
    ['.', '_check'],
  ])('%j has %j', (path, companion) => {
    expect(companionOf(path)).toBe(companion);
  });
});

describe('missingCompanions', () => {
  test('counts the check steps of every mode, and names each companion once', () => {
    const modes = modesOf({
      apply: ['a.sh', 'b.sh', 'b.sh', 'c'],
      config: ['b.sh', 'd.sh'],
      interrupt: ['e.sh', 'c_check'],
      'post-interrupt-check': ['a_check.sh'],
      'apply-check': ['f.sh'],
      upgrade: ['d_check.sh'],
    });
    expect(missingCompanions(modes)).toEqual(['d_check_check.sh', 'b_check.sh', 'c_check', 'd_check.sh']);
  });

  test('nothing is missing without steps', () => {
    expect(missingCompanions(modesOf({ apply: [], 'apply-check': ['x'] }))).toEqual([]);
  });
});

describe('checkScripts', () => {
  test('names every script that is not there, with links followed', () => {
    const dir = temporaryDirectory();
    mkdirSync(`${dir}/sub dir`);
    writeFileSync(`${dir}/a.sh`, '');
    writeFileSync(`${dir}/sub dir/b.sh`, '');
    symlinkSync('a.sh', `${dir}/link`);
    symlinkSync('gone', `${dir}/dangling`);
    const there = modesOf({
      apply: ['a.sh', 'sub dir/b.sh', 'sub dir', 'link', ''],
      'apply-check': ['./sub dir/../a.sh'],
    });
    expect(outcomeOf(() => checkScripts(there, dir))).toBeUndefined();
    const gone = modesOf({
      'apply-check': ['z', 'a.sh'],
      interrupt: ['i'],
      apply: ['z', 'dangling', 'a.sh/x', 'a\0b', 'a\uD800', '\u00E4'],
    });
    expect(outcomeOf(() => checkScripts(gone, dir))).toBe(
      'ValueError: Following steps did not exist:z, i, z, dangling, a.sh/x, a\0b, a\uD800, \u00E4',
    );
  });
});
