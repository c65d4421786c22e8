import { BatonError } from '@baton/kernel';
import { problemsOf } from './problems.ts';
import type { RetentionSection } from './schema.ts';
import { retentionSchema } from './schema-retention.ts';
import { readYaml } from './yaml-source.ts';

/**
 * Reads a retention policy that is a file of its own, in YAML or JSON: the keys of `image.retention`, with their
 * defaults. Throws `RETENTION_INVALID` that names the first problem with line and column, and the others in its hint.
 *
 * @param where the file's name, for messages
 */
export function parseRetention(bytes: Uint8Array, where: string): RetentionSection {
  const source = readYaml(bytes);
  if (Array.isArray(source)) throw invalid(source, where);
  const result = retentionSchema.safeParse(source.value);
  if (result.success) return result.data;
  throw invalid(problemsOf(result.error.issues, retentionSchema, source), where);
}

function invalid(
  problems: readonly { line: number; column: number; message: string; hint?: string }[],
  where: string,
): BatonError {
  const lines = problems.map(({ line, column, message }) => `${where}:${line}:${column}: ${message}`);
  const [first, ...others] = lines;
  const hint = [problems[0]?.hint ?? '', ...others.slice(0, 20)].filter((line) => line !== '').join('\n');
  return new BatonError('RETENTION_INVALID', first ?? `${where}: the policy is not valid`, {
    hint: hint === '' ? 'Its keys are those of image.retention in agent.yaml.' : hint,
  });
}
