import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { needs, withTmpfs } from '@baton/testkit';
import { beforeAll, expect } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { type TestNode, testNode } from './test-node.ts';
import { afterBanner, plain, runAgent, startAgent } from './test-run.ts';

// Places that cannot be written, with the program as it is shipped. A sink that fails crashes the run.
let agent: string;
beforeAll(async () => {
  agent = await bundledAgent();
});

const APPLY = 'apply a.sh [] [0] Idempotence.Auto True\n';

/** Puts a link where the node's logs of all packages belong. */
function logsTo(node: TestNode, target: string): void {
  const logs = dirname(dirname(node.logDir));
  mkdirSync(dirname(logs), { recursive: true });
  symlinkSync(target, logs);
}

needs(
  'root',
  'busybox',
  'tmpfs',
)('a full log disk ends the run with a report, and the step has no flag', async () => {
  await withTmpfs('256k', async (disk) => {
    const node = testNode([{ path: 'a.sh', script: 'yes 0123456789 | head -n 100000; touch /tmp/ended' }]);
    logsTo(node, disk);
    const run = startAgent(agent, node);
    expect((await run.ended).code).toBe(1);
    expect(plain(run.stderr())).toBe('<OSError: [Errno 28] No space left on device>\n');
    expect(afterBanner(run.stdout()).startsWith(`${APPLY}[out]<TS> 0123456789\n`)).toBe(true);
    expect(run.stdout()).not.toContain('SUCEEDED');
    expect(node.flags()).toEqual([]);
    // What fitted is there.
    expect(node.log('a.sh', 'out')?.byteLength).toBeGreaterThan(128 * 1024);
  });
});

needs('root', 'busybox').describe('the log directory cannot be made', () => {
  const script = 'touch /tmp/ran';

  needs('root', 'busybox')('below the root mount: the run ends before the step', async () => {
    const node = testNode([{ path: 'a.sh', script }]);
    const logs = dirname(dirname(node.logDir));
    mkdirSync(dirname(logs), { recursive: true });
    writeFileSync(logs, 'a file\n');
    const { code, stdout, stderr } = await runAgent(agent, node);
    expect(code).toBe(1);
    expect(afterBanner(stdout)).toBe(APPLY);
    expect(plain(stderr)).toMatch(/^<(NotADirectoryError|FileExistsError): .*>\n$/);
    expect(existsSync(node.at('/tmp/ran'))).toBe(false);
  });

  needs('root', 'busybox')('in the container: the banner ends before it', async () => {
    const node = testNode([{ path: 'a.sh', script }]);
    const logs = node.env.SKYHOOK_LOG_DIR ?? '';
    mkdirSync(dirname(logs), { recursive: true });
    writeFileSync(logs, 'a file\n');
    const { code, stdout, stderr } = await runAgent(agent, node);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nflag_dir: \/etc\/skyhook\/flags\/tool\/1\.2\.3\n$/);
    expect(plain(stderr)).toMatch(/^<(NotADirectoryError|FileExistsError): .*>\n$/);
  });

  needs('root', 'busybox')('and logs are off: the step runs all the same', async () => {
    const node = testNode([{ path: 'a.sh', script }]);
    const logs = dirname(dirname(node.logDir));
    mkdirSync(dirname(logs), { recursive: true });
    writeFileSync(logs, 'a file\n');
    const { code } = await runAgent(agent, node, { env: { SKYHOOK_AGENT_WRITE_LOGS: 'false' } });
    expect(code).toBe(0);
    expect(node.flags()).toEqual(['a.sh']);
  });
});
