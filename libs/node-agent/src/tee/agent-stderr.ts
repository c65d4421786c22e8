import type { AgentStderr } from '../context.ts';
import { writeAll } from './sinks.ts';

/**
 * The agent's stderr, never buffered (contract, section 11).
 *
 * In a text a lone surrogate is written as its escape (`\udcff`), as Python's stderr does: a report can always be written.
 */
export function createAgentStderr(fd = 2): AgentStderr {
  return {
    write: (bytes) => writeAll(fd, typeof bytes === 'string' ? Buffer.from(escapeSurrogates(bytes)) : bytes),
  };
}

function escapeSurrogates(text: string): string {
  if (text.isWellFormed()) return text;
  return text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
