import { relative } from 'node:path';
import { reportPlan } from '@baton/cutover';
import { reportBuild, reportBuildPlan, reportPublish } from '@baton/image';
import { reportText } from '@baton/parity';
import { EXAMPLE } from './cut-over.ts';
import type { DemoState } from './steps.ts';

/** What the demo prints when everything went well: plan, digests, evidence, and where to look next. */
export function summary(state: DemoState, seconds: number): string {
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  const { plan, built, first, second, project } = state;
  if (plan === undefined || built === undefined || first === undefined || second === undefined || project === undefined)
    return '';
  const lines = [
    '',
    'The plan (what was to be done, before anything was):',
    '',
    reportBuildPlan(plan).trimEnd(),
    '',
    reportBuild(built).trimEnd(),
    '',
    reportPublish(first).trimEnd(),
  ];
  if (state.output !== undefined && state.output !== '') {
    lines.push(
      '',
      'The program in the image said:',
      ...state.output
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  }
  if (state.parity !== undefined)
    lines.push('', 'Held against what the reference agent did:', '', reportText(state.parity).trimEnd());
  if (state.cutover !== undefined) {
    const text = reportPlan(state.cutover.plan, { diff: false, limit: 4 });
    lines.push('', `The cutover of a copy of ${EXAMPLE}:`, '', text.trimEnd());
  }
  lines.push(
    '',
    'Evidence (what went in, what came out, by digest):',
    `  ${here(built.statement)}`,
    `  ${here(first.statement)}`,
  );
  for (const note of state.notes) lines.push('', `Note: ${note}`);
  lines.push(
    '',
    'Look next:',
    `  npx baton image plan ${here(project.dir)}        what a build would do`,
    `  npx baton image inspect ${here(project.dir)}     what is in the image`,
    `  npx baton evidence show ${here(built.statement)}`,
    '  npx nx run agent:image                     the same build as an Nx target',
    '  npx nx run agent:parity                    every scenario that was recorded (as root; about a minute)',
    '  docs/cutover.md                            the guide to the cutover, and the runbook for the day',
    '  docs/architecture.md                       how the house is laid out',
    '',
    `Done in ${seconds.toFixed(1)} s. The registry was stopped; nothing left this machine.`,
    '',
  );
  return lines.join('\n');
}
