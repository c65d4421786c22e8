import type { Digest } from '@baton/kernel';
import type { TestRegistry } from '@baton/testkit';
import { buildImage } from './build-image.ts';
import { buildOptions, publishOptions, type TestProject, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import type { BuildResult, PublishResult } from './types.ts';

/** Every kind of tag: one for good, three that move, and the commit's. */
export const TAGS = ['{version}', '{major}.{minor}', '{major}', 'latest', 'sha-{commit}'];

/** What a test adds to the `image` section, and to the rest of the manifest. */
export type ProjectParts = [image?: Record<string, unknown>, more?: Record<string, unknown>];

/** Makes a project of two platforms that is published as `acme/agent` under {@link TAGS}; for tests of publishing. */
export async function publishProject(registry: TestRegistry, ...[image, more]: ProjectParts): Promise<TestProject> {
  const repository = `${registry.host}/acme/agent`;
  return await testProject({ ...TWO_PLATFORMS, repository, tags: TAGS, ...image }, more);
}

/** Builds as without flags but for the changes. */
export async function build(p: TestProject, changes: Parameters<typeof buildOptions>[0] = {}): Promise<BuildResult> {
  return await buildImage(await p.load(), buildOptions(changes), p.io);
}

/** Publishes as without flags but for the changes. */
export async function publish(
  p: TestProject,
  changes: Parameters<typeof publishOptions>[0] = {},
): Promise<PublishResult> {
  return await publishImage(await p.load(), publishOptions(changes), p.io);
}

/** What a tag of `acme/agent` points at, or undefined. */
export async function digestOfTag(registry: TestRegistry, tag: string): Promise<Digest | undefined> {
  return (await registry.store.manifest('acme/agent', tag))?.digest;
}
