import type { Scenario } from '../model/scenario.ts';
import { formOfScenario } from './form-of-scenario.ts';
import { parseScenario } from './load-scenario.ts';
import type { SuiteDefaults } from './scenario-of-form.ts';
import type { ScenarioForm } from './scenario-schema.ts';
import { yamlOf } from './write-scenario.ts';

const KEYS = [
  'env',
  'cwd',
  'umask',
  'root',
  'clock',
  'streams',
  'observe',
  'tokens',
  'crash',
  'timing',
  'timeout',
] as const;

/** What most of the scenarios say, key by key: worth saying once for all. A key that most leave out is not in it. */
export function commonDefaults(scenarios: readonly Scenario[]): SuiteDefaults {
  const forms = scenarios.map((scenario) =>
    parseScenario(Buffer.from(yamlOf(formOfScenario(scenario, {}))), scenario.id),
  );
  return Object.fromEntries(
    KEYS.flatMap((key) => {
      const groups = Map.groupBy(forms, (form) => printed(form, key));
      const [most] = [...groups.values()].sort((a, b) => b.length - a.length);
      const value = most?.[0]?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

// The order of an environment counts, as JSON keeps it.
function printed(form: ScenarioForm, key: (typeof KEYS)[number]): string {
  return JSON.stringify(form[key]) ?? '';
}
