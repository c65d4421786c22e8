import { buildImage, publishImage, reportBuild, reportPublish } from '@baton/image';
import type { LoadedManifest } from '@baton/manifest';
import type { CommandContext, Outcome } from './command.ts';
import type { FastCall } from './fast-path.ts';

/** Does what a call asks for, in a project whose manifest was checked before. */
export async function runFastCall(call: FastCall, project: LoadedManifest, context: CommandContext): Promise<Outcome> {
  if (call.command === 'build') {
    const built = await buildImage(project, { ...call.options, bundle: call.bundle }, context);
    return { result: built, text: reportBuild(built) };
  }
  const published = await publishImage(project, call.options, context);
  return { result: published, text: reportPublish(published) };
}
