import type { ReadStatement } from '@baton/evidence';
import { compareText, type Json, VERSION } from '@baton/kernel';

/** The type of SLSA provenance (slsa.dev, "Provenance", version 1). */
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';

/**
 * How Baton builds an image, in SLSA's words: `externalParameters` has the digest of `agent.yaml`, which says everything,
 * the platforms, the base as it was named, the version and the time that the caller gave; `resolvedDependencies` is all
 * that went in, by digest.
 */
export const BUILD_TYPE = 'https://baton.dev/build/image/v1';

/** Who built, where no service that others trust says so itself: anybody's machine. */
export const LOCAL_BUILDER = 'https://baton.dev/builder/local/v1';

/**
 * The predicate of SLSA provenance v1 for a built image, from the statement that its build left: the same statement and
 * the same builder give the same predicate. There is no clock and no run number in it.
 */
export function provenanceOf(built: ReadStatement, env: NodeJS.ProcessEnv): Json {
  const { materials, tool, ...rest } = built.statement.predicate;
  const image = recordOf(rest.image);
  const manifest = materials.find(({ role }) => role === 'manifest');
  const revision = textOf(image.revision);
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        ...(manifest === undefined ? {} : { manifest: { name: manifest.name, digest: { ...manifest.digest } } }),
        ...('base' in image ? { base: image.base ?? null } : {}),
        platforms: platformsOf(image.platforms),
        options: {
          ...('version' in image ? { version: image.version ?? null } : {}),
          ...('epoch' in image ? { sourceDateEpoch: image.epoch ?? null } : {}),
        },
      },
      internalParameters: { tool: { ...tool }, statement: built.digest },
      resolvedDependencies: [
        ...(revision === undefined ? [] : [sourceOf(revision, env)]),
        ...materials
          .map(({ name, digest, role }) => ({
            ...uriOf(name),
            name,
            digest: { ...digest } as { [key: string]: Json },
            annotations: { role },
          }))
          .sort((a, b) => compareText(`${a.annotations.role} ${a.name}`, `${b.annotations.role} ${b.name}`)),
      ],
    },
    runDetails: { builder: { id: builderOf(env), version: { baton: VERSION } } },
  };
}

/**
 * Who says that it built: in GitHub Actions the workflow's file and ref, as GitHub tells it; anywhere else a machine
 * about which nothing is known. Either is only as trustworthy as the signature on it.
 */
export function builderOf(env: NodeJS.ProcessEnv): string {
  const workflow = env.GITHUB_WORKFLOW_REF ?? '';
  const server = serverOf(env);
  return server !== undefined && /^[\w.-]+\/[\w.-]+\/\.github\/workflows\/[^\s@]+@\S+$/.test(workflow)
    ? `${server}/${workflow}`
    : LOCAL_BUILDER;
}

function serverOf(env: NodeJS.ProcessEnv): string | undefined {
  const server = env.GITHUB_SERVER_URL ?? '';
  return env.GITHUB_ACTIONS === 'true' && /^https:\/\/[\w.-]+(?::\d+)?$/.test(server) ? server : undefined;
}

function sourceOf(revision: string, env: NodeJS.ProcessEnv): { [key: string]: Json } {
  const commit = revision.replace(/-dirty$/, '');
  const repository = env.GITHUB_REPOSITORY ?? '';
  const server = serverOf(env);
  return {
    ...(server !== undefined && /^[\w.-]+\/[\w.-]+$/.test(repository) ? { uri: `git+${server}/${repository}` } : {}),
    name: 'source',
    digest: { gitCommit: commit },
    // The commit is then not all that went in; the materials are.
    annotations: { role: 'source', ...(commit === revision ? {} : { dirty: true }) },
  };
}

function uriOf(name: string): { uri?: string } {
  const npm = /^npm:(@?[^@]+)@(.+)$/.exec(name);
  if (npm !== null) return { uri: `pkg:npm/${(npm[1] ?? '').replace('@', '%40')}@${npm[2] ?? ''}` };
  const debian = /^debian:([^@]+)@(.+)\?arch=(.+)$/.exec(name);
  if (debian === null) return {};
  return { uri: `pkg:deb/debian/${debian[1] ?? ''}@${encodeURIComponent(debian[2] ?? '')}?arch=${debian[3] ?? ''}` };
}

function platformsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown) => textOf(recordOf(each).platform) ?? []);
}

function recordOf(value: unknown): { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [key: string]: Json }) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
