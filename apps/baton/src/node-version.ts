import { writeSync } from 'node:fs';

/** The oldest Node that runs Baton. */
export const OLDEST_NODE = '22.18.0';

/** Why this Node cannot run Baton, in the form of all errors; undefined when it can. */
export function nodeComplaint(version: string, program: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return undefined;
  return (
    `error TOOL_MISSING: Baton needs Node ${OLDEST_NODE} or newer, found ${version} (${program})\n` +
    '  hint: Put a newer Node first on the PATH. In a repository that brings its own, call "npx baton".\n'
  );
}

// Runs on import, before anything that an old Node could not even load.
const complaint = nodeComplaint(process.versions.node, process.execPath);
if (complaint !== undefined) {
  writeSync(2, complaint);
  process.exit(3);
}
