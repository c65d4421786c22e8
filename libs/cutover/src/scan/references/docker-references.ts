import { dockerfileFacts } from '@baton/edit';
import { BatonError } from '@baton/kernel';
import type { FileReferences } from './reference.ts';

/** The files that a Dockerfile takes from its build context. */
export function dockerReferences(bytes: Buffer): FileReferences {
  try {
    const copies = dockerfileFacts(bytes).stages.flatMap((stage) => stage.copies);
    const references = copies
      .filter(({ from }) => from === undefined)
      .flatMap(({ instruction, line, sources }) =>
        sources
          .filter((source) => !source.includes('$') && !source.includes('://') && !source.startsWith('git@'))
          .map((source) => ({
            line,
            text: source,
            what: `${instruction} source`,
            // A leading slash is the context's root.
            target: source.replace(/^\/+/, ''),
            bases: ['context'],
            ...(/[*?[]/.test(source) ? { glob: true as const } : {}),
          })),
      );
    return { references, builds: [], makes: [] };
  } catch (error) {
    // Not a Dockerfile: the lint says so.
    if (error instanceof BatonError) return { references: [], builds: [], makes: [] };
    throw error;
  }
}
