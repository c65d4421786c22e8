import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { atOwnLevel, LATITUDE, WORDED_BY_A_VALIDATOR } from './latitude.ts';
import { contentsOf, readRecording, STREAMS } from './recording.ts';
import { readScenario, type Scenario, scenarioNames } from './scenario.ts';
import { numberStamps } from './stamp-groups.ts';
import { MUTATIONS } from './test-mutations.ts';
import { isComplete, observationOf } from './test-recorded.ts';

const all = scenarioNames().map((name) => ({ scenario: readScenario(name), recording: readRecording(name) }));
const complete = all.filter(({ recording }) => isComplete(recording));

test('a recording is equal to itself', () => {
  expect(complete.length).toBe(172);
  for (const { scenario, recording } of complete) {
    expect({ [scenario.name]: compare(scenario, recording, observationOf(scenario, recording), []) }).toEqual({
      [scenario.name]: [],
    });
  }
});

describe('whatever is changed in what a candidate did is seen', () => {
  for (const [what, mutate] of Object.entries(MUTATIONS)) {
    test(what, () => {
      let changed = 0;
      for (const { scenario, recording } of complete) {
        const observation = observationOf(scenario, recording);
        if (!mutate(observation, scenario)) continue;
        changed++;
        const differences = compare(scenario, recording, observation, []);
        expect({ [scenario.name]: differences.length }, scenario.name).not.toEqual({ [scenario.name]: 0 });
      }
      expect(changed).toBeGreaterThan(0);
    });
  }
});

test('the groups of stamps are numbered as they were recorded', () => {
  const grouped = all.filter(({ recording }) => recording.ts_groups !== undefined);
  expect(grouped).toHaveLength(20);
  for (const { scenario, recording } of grouped) {
    const texts = [
      ...recording.runs.flatMap((run) => STREAMS.map((stream) => run[stream])),
      ...recording.files.map(contentsOf),
    ].flatMap((text) => (text && 'raw' in text ? [text] : []));
    const numbered = numberStamps(
      texts.map(({ raw }) => raw),
      scenario.root_mount,
    );
    for (const [i, { ts_grouped }] of texts.entries()) {
      if (ts_grouped !== undefined) expect(numbered[i]?.toString('latin1')).toBe(ts_grouped.toString('latin1'));
    }
  }
});

describe('latitude', () => {
  const find = (name: string) => {
    const found = complete.find(({ scenario }) => scenario.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test('names scenarios that exist, each with a reason', () => {
    for (const { scenario, reason } of LATITUDE) {
      expect(scenarioNames()).toContain(scenario);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  test('in the words of crash reports is taken only where a recording gives it', () => {
    for (const name of WORDED_BY_A_VALIDATOR) expect(readScenario(name).traceback_level).toBe('present');
    for (const { scenario } of all) {
      if (scenario.traceback_level === 'strict') expect(atOwnLevel(scenario)).toEqual(scenario);
    }
  });

  test('excuses what it names, and nothing beside it', () => {
    const { scenario, recording } = find('tee-two-writes');
    const differing = observationOf(scenario, recording);
    for (const run of differing.runs) run.stderr = Buffer.from('x');
    const where = 'run 1 stderr';
    const reason = 'for the test';
    expect(compare(scenario, recording, differing, [{ scenario: scenario.name, where, reason }])).toEqual([]);
    expect(
      compare(scenario, recording, differing, [{ scenario: scenario.name, where: 'run 1 std', reason }]),
    ).toHaveLength(2);
    expect(compare(scenario, recording, differing, [{ scenario: 'another', where, reason }])).toHaveLength(1);
  });

  test('that nothing needs is told', () => {
    const { scenario, recording } = find('tee-two-writes');
    const latitude = [{ scenario: scenario.name, where: 'run 1 stderr', reason: 'for the test' }];
    expect(compare(scenario, recording, observationOf(scenario, recording), latitude)).toEqual([
      { where: 'run 1 stderr', problem: expect.stringContaining('does not differ') },
    ]);
  });
});

describe('crash reports', () => {
  const { scenario, recording } = all.find(({ scenario }) => scenario.name === 'config-missing') ?? {};
  const differencesAt = (traceback_level: Scenario['traceback_level'], report: string): number => {
    if (scenario === undefined || recording === undefined) throw new Error('there is no such scenario');
    const observation = observationOf(scenario, recording);
    for (const run of observation.runs) run.stderr = Buffer.from(report);
    return compare({ ...scenario, traceback_level }, recording, observation, []).length;
  };
  const first = 'Traceback (most recent call last):\n  a frame\n';

  test('are compared by their level', () => {
    const [norm] = recording?.runs.map(({ stderr }) => stderr && 'raw' in stderr && stderr.norm?.toString()) ?? [];
    expect(norm).toMatch(/^<TRACEBACK FileNotFoundError: .*>\n$/);
    const line = String(norm).slice('<TRACEBACK '.length, -2).replaceAll('{ROOT}', '/t/root');
    expect(differencesAt('strict', `${first}${line}\n`)).toBe(0);
    expect(differencesAt('strict', `${first}FileNotFoundError: other\n`)).toBe(1);
    expect(differencesAt('typed', `${first}FileNotFoundError: other\n`)).toBe(0);
    expect(differencesAt('typed', `${first}OSError: other\n`)).toBe(1);
    expect(differencesAt('present', `${first}OSError: other\n`)).toBe(0);
    expect(differencesAt('present', 'OSError: other\n')).toBe(1);
    expect(differencesAt('present', '')).toBe(1);
  });
});
