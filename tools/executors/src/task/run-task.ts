import { join } from 'node:path';
import type { ImageIo } from '@baton/image';
import { cacheDir, toBatonError } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { createReporter, renderError } from '@baton/report';
import type { Capability } from './capability.ts';
import { judgeOptions } from './judge-options.ts';

/** Where and how one task runs. */
export interface TaskSpec {
  /** The workspace's root, absolute. */
  workspaceRoot: string;
  /** What Nx calls the project. */
  name: string;
  /** Names the project's target with an executor of this package. */
  target(executor: string): string;
  /** The project's root, relative to the workspace's. */
  projectRoot: string;
  /** As Nx gives them. */
  options: object;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Takes progress, report and errors as plain text. */
  write(text: string): void;
  verbose: boolean;
}

/** Runs one task to its end; failures are printed, never thrown. Returns whether it succeeded. */
export async function runTask<O>(capability: Capability<O>, spec: TaskSpec): Promise<boolean> {
  const reporter = createReporter({ mode: 'plain', write: spec.write });
  try {
    const { dryRun, rest } = takeDryRun(spec.options, spec.env);
    const options = judgeOptions(capability.name, capability.options, rest);
    const project = await loadManifest(join(spec.workspaceRoot, spec.projectRoot));
    const { signal, env } = spec;
    const io: ImageIo = { emit: reporter.emit, signal, shutdown: signal, cacheDir: cacheDir(env), env };
    const answer = await capability.run(options, { name: spec.name, target: spec.target, project, io, dryRun });
    reporter.close();
    spec.write(withNewline(typeof answer === 'string' ? answer : answer.report));
    if (typeof answer !== 'string') throw answer.failure;
    return true;
  } catch (error) {
    reporter.close();
    spec.write(withNewline(renderError(toBatonError(error), { verbose: spec.verbose })));
    return false;
  }
}

// Both spellings, because Nx turns kebab case into camel case only for options that a schema names.
function takeDryRun(options: object, env: NodeJS.ProcessEnv): { dryRun: boolean; rest: object } {
  const { dryRun, 'dry-run': kebab, ...rest } = options as Record<string, unknown>;
  const asked = [dryRun, kebab, env.NX_DRY_RUN].some((value) => value === true || value === 'true');
  return { dryRun: asked, rest };
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
