import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestProject } from './project.fixture.ts';
import { build, digestOfTag, type ProjectParts, publish, publishProject } from './publish.fixture.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistryServer();
});
afterEach(async () => {
  expect(registry.pendingFaults()).toBe(0);
  await registry.stop();
});

const project = (...parts: ProjectParts): Promise<TestProject> => publishProject(registry, ...parts);
const tagged = (tag: string): Promise<Digest | undefined> => digestOfTag(registry, tag);

test('a publish leaves a statement that relies on the one of the build', async () => {
  const p = await project();
  const built = await build(p);
  const result = await publish(p);
  const { statement } = await readStatement(result.statement);
  expect(statement.subject).toEqual([
    { name: `${registry.host}/acme/agent`, digest: { sha256: digestHex(built.index.digest) } },
  ]);
  expect(statement.predicate.result).toBe('published');
  expect(statement.predicate.statements).toEqual([sha256(readFileSync(built.statement))]);
  expect(statement.predicate.checks).toEqual([{ id: 'built-statement', result: 'passed', detail: 'unsigned' }]);
});

describe('evidence of the build', () => {
  test.each<[string, string, (p: TestProject) => void]>([
    ['missing', 'EVIDENCE_MISSING', (p) => rmSync(join(p.dir, 'dist/evidence/image.json'))],
    ['damaged', 'EVIDENCE_INVALID', (p) => writeFileSync(join(p.dir, 'dist/evidence/image.json'), '{}')],
  ])('%s: refused, unless it is accepted with a reason', async (_, code, change) => {
    const p = await project();
    const built = await build(p);
    change(p);
    await expect(publish(p)).rejects.toMatchObject({ code, exitCode: 1 });
    expect(registry.log).toEqual([]);
    const { statement } = await publish(p, { acceptUnproven: 'restored from a backup' });
    expect((await readStatement(statement)).statement.predicate.checks).toEqual([
      { id: 'built-statement', result: 'noted', detail: 'accepted without proof: restored from a backup' },
    ]);
    expect(p.events).toContainEqual(
      expect.objectContaining({ type: 'warn', label: expect.stringContaining('unproven') }),
    );
    expect(await tagged(`sha-${await p.repository.git('rev-parse', 'HEAD')}`)).toBe(built.index.digest);
  });

  test('about another image is refused', async () => {
    const [p, other] = [await project(), await project({ user: '1:1' })];
    await build(p);
    await build(other);
    writeFileSync(join(p.dir, 'dist/evidence/image.json'), await other.read('dist/evidence/image.json'));
    await expect(publish(p)).rejects.toMatchObject({ code: 'EVIDENCE_MISMATCH', exitCode: 1 });
  });
});
