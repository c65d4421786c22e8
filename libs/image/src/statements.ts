import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Check, findSigner, type Material, type StatementFacts, statement, writeStatement } from '@baton/evidence';
import { digestHex, sha256, VERSION } from '@baton/kernel';
import type { BaseSection, LoadedManifest } from '@baton/manifest';
import type { BuiltImage } from './apply-build.ts';
import { bundleMaterials } from './bundle.ts';
import { LOCK_FILE_NAME } from './lock-file.ts';
import type { ResolvedBuild } from './resolve-build.ts';
import type { Attached, ImageIo, PublishPlan } from './types.ts';

/** What wrote it, for statements. */
export const TOOL = { name: 'baton', version: VERSION };

/** Where the statement of a capability lies. */
export function statementPath(project: LoadedManifest, capability: 'image' | 'publish'): string {
  return join(project.dir, 'dist', 'evidence', `${capability}.json`);
}

/**
 * Writes what a build has to say: this index came from these materials. Nothing in it depends on the machine, so equal
 * inputs give the same statement, to the byte. Returns its path.
 */
export async function builtStatement(
  project: LoadedManifest,
  build: ResolvedBuild,
  image: BuiltImage,
  io: ImageIo,
): Promise<string> {
  return await writeFor(project, io, 'image', {
    subject: [{ name: build.name, digest: { sha256: digestHex(image.index.descriptor.digest) } }],
    tool: TOOL,
    materials: await materialsOf(project, build),
    result: 'built',
    checks: checksOf(build),
    image: {
      base: baseText(build.image.base),
      revision: build.facts.revision,
      version: build.facts.version,
      epoch: build.facts.epoch,
      platforms: image.platforms.map(({ platform, manifest, config, layers }) => ({
        platform,
        manifest: manifest.digest,
        config,
        layers: layers.map(({ title, origin, digest, size, diffId }) => ({ title, origin, digest, size, diffId })),
      })),
    },
  });
}

/** Writes what a publish has to say: this index is under these tags, on the word of that statement. Returns its path. */
export async function publishedStatement(
  project: LoadedManifest,
  plan: PublishPlan,
  tags: readonly string[],
  io: ImageIo,
  attached: readonly Attached[] = [],
): Promise<string> {
  const checks: Check[] = [];
  if (plan.acceptedUnproven !== undefined) {
    checks.push({ id: 'built-statement', result: 'noted', detail: `accepted without proof: ${plan.acceptedUnproven}` });
  } else if (plan.evidence !== undefined) {
    checks.push({ id: 'built-statement', result: 'passed', detail: plan.evidence.signature });
  }
  return await writeFor(project, io, 'publish', {
    subject: [{ name: plan.repository, digest: { sha256: digestHex(plan.index.digest) } }],
    tool: TOOL,
    materials: [],
    result: 'published',
    checks,
    statements: plan.evidence === undefined ? [] : [plan.evidence.digest],
    publish: {
      repository: plan.repository,
      version: plan.version,
      revision: plan.revision,
      tags: [...tags].sort(),
      ...(attached.length === 0
        ? {}
        : {
            attached: attached.map(({ kind, of, subject, payload, keyId }) => ({ kind, of, subject, payload, keyId })),
          }),
    },
  });
}

/** Writes the statement of a capability, signed where the project has a key; returns its path. */
export async function writeFor(
  project: LoadedManifest,
  io: ImageIo,
  capability: 'image' | 'publish',
  facts: StatementFacts,
): Promise<string> {
  const path = statementPath(project, capability);
  const { key } = project.manifest.evidence;
  const signer = await findSigner({ env: io.env, key: key === undefined ? undefined : resolve(project.dir, key) });
  await writeStatement(path, statement(capability, facts), { signer });
  return path;
}

/** The base as the manifest names it. */
export function baseText(base: BaseSection): string {
  if (base === 'scratch') return base;
  return 'ref' in base ? base.ref : base.layout;
}

async function materialsOf(project: LoadedManifest, build: ResolvedBuild): Promise<Material[]> {
  const lock = await readFile(join(project.dir, LOCK_FILE_NAME)).catch(() => undefined);
  const own: Material[] = [fileMaterial('agent.yaml', project.bytes, 'manifest')];
  if (lock !== undefined) own.push(fileMaterial(LOCK_FILE_NAME, lock, 'lock'));
  const layers = build.platforms.flatMap((platform) =>
    platform.layers.flatMap((layer) => layer.resolved?.materials ?? []),
  );
  return [...own, ...(await bundleMaterials(project)), ...build.base.materials, ...layers];
}

/** A file that went in, by its bytes. */
export function fileMaterial(name: string, bytes: Buffer, role: string): Material {
  return { name, digest: { sha256: digestHex(sha256(bytes)) }, role };
}

/** What is to be said of the revision an image is built from. */
export function revisionCheck(revision: string | undefined): Check {
  if (revision === undefined) return { id: 'revision', result: 'noted', detail: 'not under version control' };
  if (revision.endsWith('-dirty')) return { id: 'revision', result: 'noted', detail: 'uncommitted changes' };
  return { id: 'revision', result: 'passed', detail: revision };
}

function checksOf(build: ResolvedBuild): Check[] {
  const checks: Check[] = [revisionCheck(build.facts.revision)];
  const layers = build.platforms.flatMap((platform) => platform.layers);
  if (layers.some((layer) => layer.volatile)) {
    checks.push({
      id: 'debian',
      result: 'noted',
      detail: 'current: versions are what the archive had, not what is locked',
    });
  } else if (build.image.layers.some((layer) => 'debian' in layer)) {
    checks.push({ id: 'debian', result: 'passed', detail: 'locked' });
  }
  return checks;
}
