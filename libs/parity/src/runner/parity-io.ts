import type { Engine } from '@baton/engine';
import type { Emit } from '@baton/kernel';
import type { SubjectOptions } from '../subject/subject-spec.ts';

/** What a run needs of its surroundings. */
export interface ParityIo {
  emit: Emit;
  /** Ends everything that runs; what was there before stays whole. */
  signal: AbortSignal;
  /** Where verdicts are remembered. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** Opens an image that is not complete in its layout, such as a project's `dist/image`; given by who knows images. */
  openImage?: SubjectOptions['openImage'];
  engine?: Engine | undefined;
}
