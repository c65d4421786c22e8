import { expect, test } from 'vitest';
import { nodeComplaint } from './node-version.ts';

test.each(['22.18.0', '22.19.1', '24.0.0', '26.10.0'])('Node %s will do', (version) => {
  expect(nodeComplaint(version, '/bin/node')).toBeUndefined();
});

test.each(['18.20.4', '20.20.2', '22.17.9', '21.99.0'])('Node %s is told in two lines', (version) => {
  expect(nodeComplaint(version, '/bin/node')).toBe(
    `error TOOL_MISSING: Baton needs Node 22.18.0 or newer, found ${version} (/bin/node)\n` +
      '  hint: Put a newer Node first on the PATH. In a repository that brings its own, call "npx baton".\n',
  );
});
