import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** One recording as it was made: what the reference agent was given, and what it did; JSON texts. */
export type AgentRecording = Record<'scenario.json' | 'expected.json', string>;

/**
 * The 174 recordings of the reference node agent, by name, byte for byte.
 *
 * `apps/agent/parity` holds the same in the repository's own form, for people and for runs; this is what it was imported from, for tests.
 */
export function agentRecordings(): Record<string, AgentRecording> {
  const packed = readFileSync(join(import.meta.dirname, '../fixtures/agent-recordings.json.br'));
  return JSON.parse(brotliDecompressSync(packed).toString('utf8')) as Record<string, AgentRecording>;
}
