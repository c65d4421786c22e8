import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';
import type { Step } from './step.ts';

interface Cruise {
  summary: {
    totalCruised: number;
    violations: {
      from: string;
      to: string;
      rule: { name: string; severity: string };
      cycle?: { name: string }[];
      comment?: string;
    }[];
    ruleSetUsed?: { forbidden?: { name: string; comment?: string }[] };
  };
}

const CONFIG = join(import.meta.dirname, '..', '..', '.dependency-cruiser.mjs');

/** Who may import whom (.dependency-cruiser.mjs). */
export const floors: Step = {
  name: 'floors',
  async run(root) {
    const roots = ['libs', 'apps', 'tools', 'bench'].filter((name) => existsSync(join(root, name)));
    const args = ['--config', CONFIG, '--output-type', 'json', ...roots];
    const result = await runTool(root, 'dependency-cruiser/bin/dependency-cruiser.mjs', args);
    if (result.stdout.byteLength === 0) {
      return { summary: 'could not run', problems: result.stderr.toString('utf8').split('\n') };
    }
    const { summary } = JSON.parse(result.stdout.toString('utf8')) as Cruise;
    const comments = new Map((summary.ruleSetUsed?.forbidden ?? []).map((rule) => [rule.name, rule.comment ?? '']));
    const problems = summary.violations.map(({ rule, from, to, cycle }) => {
      const path = cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)];
      return `${path.join(' -> ')}: ${rule.name}. ${comments.get(rule.name) ?? ''}`.trimEnd();
    });
    // It has been seen to skip TypeScript with no more than a warning.
    if (summary.totalCruised === 0) problems.push('no module was looked at');
    return { summary: `${summary.totalCruised} modules`, problems };
  },
};
