import { join, relative, resolve, sep } from 'node:path';
import type { LoadedManifest } from '@baton/manifest';
import type { ParityResult } from '../model/verdict.ts';
import { reportAnnotations } from '../report/report-annotations.ts';
import { reportText } from '../report/report-text.ts';
import { evidenceDirectory, paritySection } from './parity-project.ts';

/**
 * A result of a project as a command prints it: the report, and in GitHub Actions annotations behind it.
 *
 * `rerun` gives the command that runs one scenario again. Annotations point at the scenarios' files, from `GITHUB_WORKSPACE` on.
 */
export function resultText(
  project: LoadedManifest,
  result: ParityResult,
  { rerun, env }: { rerun: (scenario: string) => string; env: NodeJS.ProcessEnv },
): string {
  const page = join(relative(process.cwd(), evidenceDirectory(project)), 'report.html');
  const text = reportText(result, { rerun, env, page });
  if (env.GITHUB_ACTIONS !== 'true') return text;
  const scenarios = resolve(project.dir, paritySection(project).scenarios);
  const workspace = env.GITHUB_WORKSPACE ?? process.cwd();
  const fileOf = (id: string): { file: string } => ({
    file: relative(workspace, join(scenarios, `${id}.yaml`))
      .split(sep)
      .join('/'),
  });
  return `${text}${reportAnnotations(result, fileOf)}`;
}
