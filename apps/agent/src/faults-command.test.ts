import { rmSync } from 'node:fs';
import { needs } from '@baton/testkit';
import { beforeAll, expect, test } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { type TestNode, testNode } from './test-node.ts';
import { afterBanner, plain, runAgent } from './test-run.ts';

// Commands that fail or cannot be started, with the program as it is shipped: contract, section 9.
let agent: string;
beforeAll(async () => {
  agent = await bundledAgent();
});

const SCRIPT = '/var/lib/packages/tool-1.2.3/skyhook_dir/a.sh';
const MISSING = 'FileNotFoundError: [Errno 2] No such file or directory';

interface Fault {
  fault: string;
  script: string;
  breakIt?: (node: TestNode) => void;
  /** Last line of the report. */
  report: string;
  /** What the step prints before. */
  printed?: string;
}

const FAULTS: Fault[] = [
  {
    fault: 'a step that exits with another status',
    script: 'exit 7',
    report: `subprocess.CalledProcessError: Command '['${SCRIPT}']' returned non-zero exit status 7.`,
  },
  {
    fault: 'a step that is killed',
    script: 'echo before; kill -KILL $$',
    report: `subprocess.CalledProcessError: Command '['${SCRIPT}']' died with <Signals.SIGKILL: 9>.`,
    printed: '[out]<TS> before\n[out]<TS> ',
  },
  {
    fault: 'a step that is terminated, which is no -15',
    script: 'kill -TERM $$',
    report: `subprocess.CalledProcessError: Command '['${SCRIPT}']' died with <Signals.SIGTERM: 15>.`,
  },
  {
    fault: 'a root without env',
    script: 'true',
    breakIt: (node) => rmSync(node.at('/bin/env')),
    report: `${MISSING}: 'env'`,
  },
  { fault: 'a bad interpreter', script: '#!/bin/nothing\n', report: `${MISSING}: '${SCRIPT}'` },
  { fault: 'a script without a first line', script: '', report: `OSError: [Errno 8] Exec format error: '${SCRIPT}'` },
];

needs('root', 'busybox').describe('the step fails, its report is in its log, and the flag is not set', () => {
  test.each(FAULTS)('$fault', async ({ script, breakIt, report, printed = '' }) => {
    const node = testNode([
      { path: 'a.sh', script },
      { path: 'never.sh', script: 'echo never' },
    ]);
    breakIt?.(node);
    const { code, stdout, stderr } = await runAgent(agent, node);
    expect(code).toBe(1);
    expect(afterBanner(stdout)).toBe(`apply a.sh [] [0] Idempotence.Auto True\n${printed}FAILED: a.sh  1\n`);
    expect(plain(stderr)).toBe(`[err]<TS> <${report}>\n[err]<TS> `);
    expect(plain(node.log('a.sh', 'err'))).toBe(plain(stderr));
    expect(plain(node.log('a.sh', 'out'))).toBe(printed);
    expect(node.flags()).toEqual([]);
  });
});
