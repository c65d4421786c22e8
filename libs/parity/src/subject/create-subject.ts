import { openGoldens } from '../golden/golden-store.ts';
import { goldenSubject } from '../golden/golden-subject.ts';
import type { Subject } from '../model/observation.ts';
import { imageSubject } from './image-subject.ts';
import { processSubject } from './process-subject.ts';
import type { SubjectOptions, SubjectSpec } from './subject-spec.ts';

/**
 * Makes a subject ready to be run. Whatever it needs is looked for here, once.
 *
 * Errors: `SUBJECT_NOT_FOUND` (with what was looked for), `NAMESPACE_UNAVAILABLE`, those of layouts, registries and engines.
 */
export async function createSubject(spec: SubjectSpec, options: SubjectOptions = {}): Promise<Subject> {
  if (spec.kind === 'process') return await processSubject(spec, options);
  if (spec.kind === 'image') return await imageSubject(spec, options);
  return goldenSubject(openGoldens(spec.directory));
}
