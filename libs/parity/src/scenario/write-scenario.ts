import { BatonError } from '@baton/kernel';
import { Document, type Tags } from 'yaml';
import type { Scenario } from '../model/scenario.ts';
import { WRITING_TAGS } from './byte-text.ts';
import { formOfScenario, tokenForm } from './form-of-scenario.ts';
import { parseScenario, parseSuite } from './load-scenario.ts';
import { plainEntry } from './read-fixture.ts';
import { sameData } from './same-data.ts';
import { type SuiteDefaults, scenarioOfForm, tokenOf } from './scenario-of-form.ts';
import { topNode, type Writable } from './yaml-nodes.ts';

/**
 * A scenario as YAML: keys in a fixed order, texts of several lines as blocks where these give them back exactly, bytes that are no text as
 * `!hex` or `!base64`. What was written is read again, and must be the same.
 *
 * Throws the errors of {@link loadScenario} for a scenario that its form does not allow, and `SCENARIO_INVALID` for one it cannot hold (a
 * variable that is there twice).
 *
 * @param defaults what the `suite.yaml` beside it says: not said again
 */
export function writeScenario(scenario: Scenario, defaults: SuiteDefaults = {}): string {
  const text = yamlOf(formOfScenario(scenario, defaults));
  const read = scenarioOfForm(parseScenario(Buffer.from(text), scenario.id), defaults, (entry) => [plainEntry(entry)]);
  if (sameData(read, scenario)) return text;
  const key = Object.keys(scenario).find(
    (name) => !sameData(scenario[name as keyof Scenario], read[name as keyof Scenario]),
  );
  throw new BatonError(
    'SCENARIO_INVALID',
    `${scenario.id}: ${key ?? 'something in it'} cannot be written as YAML without a loss`,
    {
      hint: 'A variable may be there once, and what is unknown to the form is not kept.',
    },
  );
}

/** A `suite.yaml`; the same conditions. */
export function writeSuite(defaults: SuiteDefaults): string {
  const { env, tags, root, tokens, ...rest } = defaults;
  const text = yamlOf({
    apiVersion: 'parity/v1',
    tags,
    env,
    root: root === undefined ? undefined : { ...root },
    tokens: tokens?.map((token) => tokenForm(tokenOf(token))),
    ...rest,
  });
  parseSuite(Buffer.from(text), 'suite.yaml');
  return text;
}

/** A form as text. */
export function yamlOf(form: { [key: string]: Writable | undefined }): string {
  const document = new Document(topNode(form), {
    version: '1.2',
    schema: 'core',
    customTags: (tags: Tags) => [
      ...WRITING_TAGS,
      ...tags.filter((tag) => typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:str'),
    ],
  });
  // Long texts stay on one line: what is folded is hard to compare.
  return document.toString({
    lineWidth: 0,
    minContentWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
}
