import type { AgentContext } from '../context.ts';
import { readBytes } from '../files/paths.ts';
import { decodeUtf8, parseJson } from '../python-text/index.ts';
import type { Config } from './config.ts';
import { dictField, textField, textsField } from './fields.ts';
import type { Invocation } from './invocation.ts';
import { checkModes, checkScripts, missingCompanions } from './step-checks.ts';
import { loadSteps } from './steps.ts';
import { validateConfig } from './validate-config.ts';

/**
 * Reads, validates and loads `{rootMount}/{copyDir}/config.json`: all of section 6, with the warnings of its check 5 on stderr.
 *
 * Every problem is a PythonError; which one comes first is the order of the contract.
 */
export function loadConfig(
  context: Pick<AgentContext, 'stderr'>,
  { rootMount, copyDir }: Pick<Invocation, 'rootMount' | 'copyDir'>,
): Config {
  const packageDir = `${rootMount}/${copyDir}`;
  const document = validateConfig(parseJson(decodeUtf8(readBytes(`${packageDir}/config.json`))));
  const modes = loadSteps(dictField(document, 'modes'));
  checkModes(modes);
  for (const companion of missingCompanions(modes)) {
    context.stderr.write(
      `WARNING:root: ${companion} doesn't exist. Checks ensure that all tasks in the step will complete.\n`,
    );
  }
  checkScripts(modes, `${packageDir}/skyhook_dir`);
  return {
    packageName: textField(document, 'package_name'),
    packageVersion: textField(document, 'package_version'),
    expectedConfigFiles: textsField(document, 'expected_config_files'),
    modes,
  };
}
