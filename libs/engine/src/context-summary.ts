import { type Digest, Hasher } from '@baton/kernel';
import { type ContextSource, planContext } from './context-files.ts';
import { packContext } from './context-tar.ts';

/** A context as a build would be sent it. */
export interface ContextSummary {
  /** Equal as long as nothing of what is sent changes, and the same file is the Dockerfile. */
  digest: Digest;
  /** Files and links. */
  files: number;
  /** Bytes of all files. */
  size: number;
}

/** Reads a context once and tells what it is. Errors: `CONTEXT_INVALID`, `FILE_CHANGED`. */
export async function summarizeContext(
  source: ContextSource & { epoch?: number | undefined },
): Promise<ContextSummary> {
  const plan = await planContext(source);
  const hasher = new Hasher().update(Buffer.from(`${plan.dockerfile}\0`));
  for await (const chunk of packContext(plan, source.epoch)) hasher.update(chunk);
  const files = plan.entries.filter(({ type }) => type !== 'directory').length;
  return { digest: hasher.digest(), files, size: plan.size };
}
