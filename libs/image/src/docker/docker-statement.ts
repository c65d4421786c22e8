import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Check, digestSet, type Material } from '@baton/evidence';
import { type Digest, errnoOf, isDigest, plural } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { bundleMaterials } from '../bundle.ts';
import { fileMaterial, revisionCheck, TOOL, writeFor } from '../statements.ts';
import type { ImageIo } from '../types.ts';
import type { EngineMade } from './engine-record.ts';
import type { ResolvedDocker } from './resolve-docker.ts';

/** What a Dockerfile was built on, as far as it is known. */
export interface UsedBase {
  reference: string;
  /** Undefined where neither the Dockerfile nor the engine says it. */
  digest: Digest | undefined;
}

/**
 * Writes what a build by an engine has to say: these image IDs came from these materials. What the engine did with them
 * (its version, what its steps fetched) is not vouched for. Returns its path.
 *
 * @param materials of {@link ownMaterials}
 */
export async function engineBuiltStatement(
  project: LoadedManifest,
  build: ResolvedDocker,
  made: readonly EngineMade[],
  bases: readonly UsedBase[],
  materials: readonly Material[],
  io: ImageIo,
): Promise<string> {
  const { section, facts, image } = build;
  return await writeFor(project, io, 'image', {
    subject: made.map((each) => ({ name: image.repository ?? project.manifest.name, digest: digestSet(each.image) })),
    tool: TOOL,
    materials: [
      ...materials,
      ...bases.flatMap(({ reference, digest }) =>
        digest === undefined ? [] : [{ name: reference, digest: digestSet(digest), role: 'base' }],
      ),
    ],
    result: 'built',
    checks: checksOf(build, bases),
    image: {
      driver: 'docker',
      dockerfile: section.file,
      context: section.context,
      target: section.target,
      bases: bases.map(({ reference }) => reference),
      revision: facts.revision,
      version: facts.version,
      epoch: facts.epoch,
      platforms: made.map(({ platform, image: id, diffIds }) => ({ platform, image: id, diffIds })),
    },
  });
}

/** The digest in a reference: `name@sha256:...`. */
export function pinnedDigest(reference: string): Digest | undefined {
  const digest = reference.slice(reference.indexOf('@') + 1);
  return reference.includes('@') && isDigest(digest) ? digest : undefined;
}

/** What went in from this side: manifest, Dockerfile, ignore file, context, bundle. */
export async function ownMaterials(
  project: LoadedManifest,
  { section, dockerfile, context }: ResolvedDocker,
): Promise<Material[]> {
  const ignore = await ignoreFile(project, section);
  return [
    fileMaterial('agent.yaml', project.bytes, 'manifest'),
    fileMaterial(section.file, dockerfile, 'dockerfile'),
    ...(ignore === undefined ? [] : [fileMaterial(ignore.name, ignore.bytes, 'ignore-file')]),
    { name: section.context, digest: digestSet(context.digest), role: 'context' },
    ...(await bundleMaterials(project)),
  ];
}

/** The ignore file that counts: the one of the Dockerfile's own name, else the context's. */
async function ignoreFile(
  project: LoadedManifest,
  { file, context }: { file: string; context: string },
): Promise<{ name: string; bytes: Buffer } | undefined> {
  for (const name of [`${file}.dockerignore`, join(context, '.dockerignore')]) {
    try {
      return { name, bytes: await readFile(resolve(project.dir, name)) };
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

function checksOf({ facts, lint }: ResolvedDocker, bases: readonly UsedBase[]): Check[] {
  const counts = `${plural(lint.errors, 'error')}, ${plural(lint.warnings, 'warning')}`;
  return [
    revisionCheck(facts.revision),
    { id: 'lint', result: 'passed', detail: counts },
    ...lint.findings.map(
      ({ code, line, message }): Check => ({ id: `lint/${code}`, result: 'noted', detail: `line ${line}: ${message}` }),
    ),
    ...lint.allowed.map(
      ({ code, line, reason }): Check => ({
        id: `lint/${code}`,
        result: 'noted',
        detail: `line ${line}, allowed: ${reason}`,
      }),
    ),
    ...bases.flatMap(({ reference, digest }): Check[] =>
      digest === undefined
        ? [
            {
              id: 'base',
              result: 'noted',
              detail: `${reference} is not pinned, and the engine does not say what it was`,
            },
          ]
        : [],
    ),
  ];
}
