import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runNode, temporaryDirectory, writeFiles } from './index.ts';

test('runs TypeScript with this Node, exact bytes, and nothing of our environment', async () => {
  const dir = temporaryDirectory();
  await writeFiles(dir, {
    'child.ts': `const secret: string | undefined = process.env.SECRET_OF_PARENT;
      process.stdin.pipe(process.stdout);
      process.stderr.write([process.version, secret ?? 'none', process.env.GIVEN, process.argv[2]].join(' '));
      process.exitCode = 7;`,
  });
  process.env.SECRET_OF_PARENT = 'hidden';
  const bytes = Buffer.from([0, 200, 13, 10]);
  const result = await runNode(join(dir, 'child.ts'), ['x'], { env: { GIVEN: 'yes' }, stdin: bytes });
  delete process.env.SECRET_OF_PARENT;
  expect(result.stdout.equals(bytes)).toBe(true);
  expect(result.stderr.toString('utf8')).toBe(`${process.version} none yes x`);
  expect(result.code).toBe(7);
});
