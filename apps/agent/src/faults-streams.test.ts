import { needs } from '@baton/testkit';
import { beforeAll, expect } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { putFile, type TestNode, testNode } from './test-node.ts';
import { runAgent } from './test-run.ts';

// Much output in odd forms, with the program as it is shipped: contract, section 11. No byte is lost or added.
let agent: string;
beforeAll(async () => {
  agent = await bundledAgent();
});

const STAMP = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?`;

/** A log without what the agent put in: it must begin with a label, and have one behind each newline. */
function without(label: 'out' | 'err', log: Buffer | undefined): string {
  const text = (log ?? Buffer.alloc(0)).toString('latin1');
  const prefix = new RegExp(String.raw`\[${label}\]${STAMP} `, 'y');
  const lines = text.split('\n');
  return lines
    .map((line) => {
      prefix.lastIndex = 0;
      if (!prefix.test(line)) throw new Error(`no label before ${JSON.stringify(line.slice(0, 80))}`);
      return line.slice(prefix.lastIndex);
    })
    .join('\n');
}

async function outputOf(script: string, files: Record<string, string> = {}): Promise<TestNode> {
  const node = testNode([{ path: 'a.sh', script }]);
  for (const [path, content] of Object.entries(files)) putFile(node, path, content);
  const { code, stdout } = await runAgent(agent, node);
  expect(code).toBe(0);
  expect(stdout).toMatch(/SUCEEDED: a\.sh \n$/);
  return node;
}

needs('root', 'busybox')('a line of 10 MB is one line', async () => {
  const line = 'abcdefghij'.repeat(1024 * 1024);
  const node = await outputOf('cat /tmp/line', { '/tmp/line': line });
  expect(without('out', node.log('a.sh', 'out')) === line).toBe(true);
});

needs('root', 'busybox')('100,000 empty lines are 100,000 labels, and one more behind the last', async () => {
  const node = await outputOf("yes '' | head -n 100000");
  expect(without('out', node.log('a.sh', 'out')) === '\n'.repeat(100_000)).toBe(true);
});

needs('root', 'busybox')('both streams at full speed keep apart, and complete', async () => {
  const numbered = (what: string): string =>
    Array.from({ length: 200_000 }, (_, i) => `${what} ${String(i).padStart(7, '0')}\n`).join('');
  const [one, two] = [numbered('one'), numbered('two')];
  const script = 'cat /tmp/two >&2 &\ncat /tmp/one\nwait';
  const node = await outputOf(script, { '/tmp/one': one, '/tmp/two': two });
  expect(without('out', node.log('a.sh', 'out')) === one).toBe(true);
  expect(without('err', node.log('a.sh', 'err')) === two).toBe(true);
});
