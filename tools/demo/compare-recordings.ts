import { builtImageAt, type ImageIo } from '@baton/image';
import { toBatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { type ParityResult, parityError, parityRunOptions, runParity } from '@baton/parity';

/** A dozen, of most suites; `nx run agent:parity` runs them all. */
const SCENARIOS = [
  'cli/new-3args-apply',
  'config/bad-json',
  'env/merge',
  'flags/apply-rerun-skips',
  'history/corrupt',
  'interrupt/noop',
  'logs/write-logs-false',
  'rc/exit-255',
  'resolv/copy-resolv-true',
  'signal/self-kill',
  'tee/invalid-utf8',
  'tee/out-and-err',
];

/**
 * Holds the image that was built against what the reference agent did in a dozen recorded scenarios, where this machine can give
 * scenarios a file system of their own; the result, and what to write behind the step. Throws `PARITY_DIVERGED` and its like.
 */
export async function comparedWithRecordings(
  project: LoadedManifest,
  io: ImageIo & { signal: AbortSignal },
): Promise<{ result?: ParityResult; said: string }> {
  if (project.manifest.parity === undefined) return { said: 'skipped: nothing was recorded of a static program' };
  try {
    const options = parityRunOptions.parse({ path: project.dir, only: SCENARIOS, cache: false });
    const result = await runParity(project, options, {
      ...io,
      openImage: async ({ layout }) => (layout === undefined ? undefined : await builtImageAt(layout, io)),
    });
    const failed = parityError(result);
    if (failed !== undefined) throw failed;
    const { mutations, caught } = result.selfTest;
    const equal = result.scenarios.filter(({ state }) => state === 'equal').length;
    return {
      result,
      said: `${equal} of ${result.scenarios.length} scenarios equal byte for byte; ${caught} of ${mutations} planted differences were found`,
    };
  } catch (thrown) {
    const error = toBatonError(thrown);
    if (error.code !== 'NAMESPACE_UNAVAILABLE') throw error;
    return { said: `skipped: ${error.message}` };
  }
}
