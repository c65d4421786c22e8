import { printBanner } from '../config/banner.ts';
import type { Config } from '../config/config.ts';
import { assigned, type Invocation, readInvocation } from '../config/invocation.ts';
import { loadConfig } from '../config/load-config.ts';
import { isMode, MODES } from '../config/modes.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import type { AgentContext } from '../context.ts';
import { PythonError } from '../crash.ts';
import { copyTree } from '../files/copy-tree.ts';
import { exists } from '../files/paths.ts';
import { copyResolv } from '../files/resolv.ts';
import { runInterrupt } from '../interrupts/run-interrupt.ts';
import { runSteps } from './step-loop.ts';

/** Files of the node's image that go over the package, where the container has them (contract, section 4 item 6). */
const NODE_FILES = '/etc/nvidia-bootstrap/node-files';

/** One run in the order of the contract (section 4); gives the exit status. What is thrown ends in a crash report. */
export async function startUp(context: AgentContext): Promise<number> {
  const settings = readSettings(context.env);
  const arrived = readInvocation(context.argv);
  if (settings.copyResolv) copyResolv(assigned(arrived, 'root_mount').rootMount);
  const invocation = printBanner(context.stdout, settings, arrived);
  const { mode } = invocation;
  if (!isMode(mode)) {
    const options = MODES.join(',');
    context.stderr.write(
      `WARNING:root:This version of the Agent doesn't support the ${mode} mode. Options are: ${options}.\n`,
    );
    return 0;
  }
  providePackage(invocation, settings);
  if (mode === 'interrupt') return runInterrupt(context, { ...invocation, ...settings });
  const config = loadConfig(context, invocation);
  if (mode !== 'uninstall' && mode !== 'uninstall-check') placeFiles(invocation, config);
  return runSteps(context, { mode, invocation, settings, config });
}

/** Copies the package into the root mount, unless anything is at its place already (item 6). */
function providePackage({ rootMount, copyDir }: Invocation, settings: Settings): void {
  const target = `${rootMount}/${copyDir}`;
  if (exists(target)) return;
  copyTree(settings.dataDir, target);
  if (exists(NODE_FILES)) copyTree(NODE_FILES, target);
}

/** Copies `root_dir` onto the root mount (T25), then requires the expected config files (item 9). */
function placeFiles({ rootMount, copyDir }: Invocation, config: Config): void {
  const packageDir = `${rootMount}/${copyDir}`;
  if (exists(`${packageDir}/root_dir`)) copyTree(`${packageDir}/root_dir`, rootMount);
  for (const entry of config.expectedConfigFiles) {
    if (exists(`${packageDir}/configmaps/${entry}`)) continue;
    throw new PythonError('SkyhookValidationError', `Expected config file ${entry} not found in configmaps directory.`);
  }
}
