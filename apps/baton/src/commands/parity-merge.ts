import { loadManifest } from '@baton/manifest';
import { mergeParity, parityError, parityMergeOptions, resultJson, resultText } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity merge`. */
export const parityMerge = defineCommand(parityMergeOptions, async (options, context) => {
  const project = await loadManifest(options.path);
  const result = await mergeParity(project, options, context);
  const rerun = (id: string): string => `baton parity run ${options.path} --only ${id}`;
  return {
    result: resultJson(result),
    text: resultText(project, result, { rerun, env: context.env }),
    error: parityError(result),
  };
});
