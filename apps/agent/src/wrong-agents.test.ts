import { needs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { agentParity, foundIn } from './test-parity.ts';
import { type Change, PLANTED_BUGS, plantedBundle } from './test-planted-bugs.ts';

const FLAG = 'host:/etc/skyhook/flags/demo/1.2.3/a.sh_W11fWzBd';
const LOG = 'host:/var/log/skyhook/demo/1.2.3/a.sh-<log-stamp>.log';
const MILLISECONDS = 'token-format: NEW has milliseconds only: isoformat() prints six digits of a fraction.';
const EXIT = 'exit: NEW ends with exit code 2 for 1: what Go gives to a panic and to a wrong use.';
const DECODER =
  'bytes: NEW keeps its decoder from chunk to chunk: a character that is split between two chunks becomes whole, in OLD each part is replaced.';

// Each agent has one thing wrong, and is held against scenarios that show it: what is found must be this, and nothing besides.
const WRONG: Readonly<Record<string, { changes: readonly Change[]; found: Readonly<Record<string, string[]>> }>> = {
  'the misspelling corrected': {
    changes: [{ file: 'run/run-step.ts', find: '`SUCEEDED:', put: '`SUCCEEDED:' }],
    found: {
      'cli/new-3args-apply': [
        'run1/stdout bytes: NEW spells it SUCCEEDED, OLD SUCEEDED: a misspelling is part of the output, too.',
      ],
    },
  },
  'the dangling prefix dropped': {
    changes: planted('the dangling prefix dropped'),
    found: {
      'tee/trailing-newline': [
        'run1/stdout bytes: NEW leaves out 1 of 1 prefixes: the dangling prefix at the end of a stream, or that of a later line in a chunk.',
        `${LOG} missing-tail: NEW lacks the dangling prefix at the end of the stream.`,
      ],
      // Where there is none to drop, nothing is found.
      'tee/no-trailing-newline': [],
    },
  },
  'milliseconds in place of microseconds': {
    changes: planted('milliseconds only'),
    found: {
      'tee/two-writes': [
        `run1/stdout ${MILLISECONDS}`,
        `run1/stdout ${MILLISECONDS}`,
        `${FLAG} ${MILLISECONDS}`,
        `${LOG} ${MILLISECONDS}`,
        `${LOG} ${MILLISECONDS}`,
      ],
    },
  },
  'UTF-8 decoded across chunks': {
    changes: planted('decoder state across chunks'),
    found: { 'tee/limit-3': [`run1/stdout ${DECODER}`, `${LOG} ${DECODER}`] },
  },
  'another mode on a flag': {
    changes: [
      {
        file: 'state/flags.ts',
        find: 'import type { Step }',
        put: `import { chmodSync } from 'node:fs';\nimport type { Step }`,
      },
      {
        file: 'state/flags.ts',
        find: '/flags/START`);\n}',
        put: "/flags/START`);\n  chmodSync(place.directory + '/flags/START', 0o600);\n}",
      },
    ],
    found: {
      'cli/new-3args-apply': [
        'host:/etc/skyhook/flags/START mode: NEW makes a private file: mode 0600 is what a temporary file has that is renamed into place.',
      ],
    },
  },
  'exit code 2 for every failure': {
    changes: [{ file: 'run-agent.ts', find: '  return status;\n}', put: '  return status === 0 ? 0 : 2;\n}' }],
    found: {
      'rc/exit-1': [`run1/exit ${EXIT}`],
      // The second run ends well, in OLD as in NEW.
      'flags/apply-second-step-fails': [`run1/exit ${EXIT}`],
      'interrupt/reboot-fails': [`run1/exit ${EXIT}`, `run2/exit ${EXIT}`],
    },
  },
};

function planted(what: string): readonly Change[] {
  const changes = PLANTED_BUGS[what];
  if (changes === undefined) throw new Error(`there is no planted bug "${what}"`);
  return changes;
}

needs('root', 'busybox', 'tmpfs').describe('an agent that has one thing wrong is told so, and nothing else', () => {
  for (const [what, { changes, found }] of Object.entries(WRONG)) {
    test.concurrent(what, { timeout: 90_000 }, async () => {
      const result = await agentParity(await plantedBundle(changes), Object.keys(found));
      for (const [id, lines] of Object.entries(found)) expect(foundIn(result, id)).toEqual(lines);
      expect(result.scenarios.flatMap(({ refusals }) => refusals)).toEqual([]);
      expect(result.faults).toEqual([]);
      expect(result.exitCode).toBe(1);
    });
  }
});
