import { builtImageAt } from '@baton/image';
import { type ParityIo, parityError, parityRunOptions, resultText, runParity } from '@baton/parity';
import type { Capability, InferOptions } from '../../task/capability.ts';

const options = parityRunOptions.omit({ path: true });

/** `parity`: runs OLD and NEW on the scenarios of the project; fails unless they are equal, but for what is declared. */
export const parityCapability: Capability<InferOptions<typeof options>> = {
  name: 'parity',
  title: 'Compare OLD and NEW',
  description:
    'Run an old and a new implementation on the same scenarios and compare everything they do, byte for byte.',
  options,
  async run(chosen, { project, io, dryRun, target }) {
    if (dryRun) return 'parity runs subjects and compares them: a dry run does neither';
    const parityIo: ParityIo = {
      ...io,
      signal: io.signal ?? new AbortController().signal,
      openImage: async ({ layout }) => (layout === undefined ? undefined : await builtImageAt(layout, io)),
    };
    const result = await runParity(project, { ...chosen, path: project.dir }, parityIo);
    const rerun = (id: string): string => `npx nx run ${target('parity')} --only=${id}`;
    const text = resultText(project, result, { rerun, env: io.env });
    const failure = parityError(result);
    return failure === undefined ? text : { report: text, failure };
  },
};
