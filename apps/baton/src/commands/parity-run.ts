import { builtImageAt } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { parityError, parityRunOptions, resultJson, resultText, runParity } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity run`. */
export const parityRun = defineCommand(parityRunOptions, async (options, context) => {
  const project = await loadManifest(options.path);
  const result = await runParity(project, options, {
    ...context,
    openImage: async ({ layout }) => (layout === undefined ? undefined : await builtImageAt(layout, context)),
  });
  const rerun = (id: string): string => `baton parity run ${options.path} --only ${id}`;
  return {
    result: resultJson(result),
    text: resultText(project, result, { rerun, env: context.env }),
    error: parityError(result),
  };
});
