import { BatonError } from '@baton/kernel';
import { parseAgentManifest } from './load.ts';

/** The problems of a manifest, as `line:column message | hint`; for tests. */
export function problems(text: string): string[] {
  try {
    parseAgentManifest(Buffer.from(text), 'agent.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    const list = error.details.problems as { line: number; column: number; message: string; hint?: string }[];
    return list.map(
      ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
    );
  }
}

/** The problems of the section `image`, without positions; for tests. */
export function inImage(text: string): string[] {
  return problems(`{ version: 1, name: a, image: { ${text} } }`).map((line) => line.replace(/^1:\d+ /, ''));
}
