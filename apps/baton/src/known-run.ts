import { buildImage, publishImage, reportBuild, reportPublish } from '@baton/image';
import type { LoadedManifest } from '@baton/manifest';
import type { CommandContext, Outcome } from './command.ts';
import { conduct } from './conduct.ts';
import type { FastCall } from './fast-path.ts';

/**
 * Runs a build or publish whose command line and manifest are understood already, and returns the exit code. It does
 * what the full command would do, without loading the option parser, the schemas of manifests and YAML.
 */
export async function runKnown(call: FastCall, project: LoadedManifest): Promise<number> {
  return (await conduct(call.globals, (context) => work(call, project, context))) ?? 3;
}

async function work(call: FastCall, project: LoadedManifest, context: CommandContext): Promise<Outcome> {
  if (call.command === 'build') {
    const built = await buildImage(project, { ...call.options, bundle: call.bundle }, context);
    return { result: built, text: reportBuild(built) };
  }
  const published = await publishImage(project, call.options, context);
  return { result: published, text: reportPublish(published) };
}
