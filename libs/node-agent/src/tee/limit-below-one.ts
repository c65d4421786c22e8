import { crashReport, PythonError } from '../crash.ts';
import type { ByteSource } from '../launcher/byte-source.ts';
import type { Sink } from './sinks.ts';
import { readError } from './tee-stream.ts';
import type { Label } from './transformation.ts';

/** The report that comes first on the agent's stderr when the limit is below 1 (contract, T31). */
export function limitReport(): string {
  const callback = 'SubprocessStreamProtocol.connection_made()';
  const report = crashReport(new PythonError('ValueError', 'Limit cannot be <= 0'));
  return `Exception in callback ${callback}\nhandle: <Handle ${callback}>\n${report}`;
}

/**
 * What a stream becomes when the limit is below 1 (contract, T31): one line that says it cannot be read, to all sinks.
 *
 * The sources are read all the same and thrown away, so that the command runs to its own end and succeeds or fails by itself.
 */
export async function discardStream(
  sources: readonly ByteSource[],
  options: { label: Label; stamp(): string; sinks: readonly Sink[] },
): Promise<void> {
  const line = readError(options, "'NoneType' object has no attribute 'read'");
  for (const sink of options.sinks) sink(line);
  for (const source of sources) await source(() => undefined);
}
