import { join, resolve } from 'node:path';
import { demandStatement, findVerifier, type ReadStatement } from '@baton/evidence';
import { BatonError, type Digest } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import type { ContentStore } from '@baton/oci';
import type { ImagePublishOptions } from './options.ts';
import type { ProjectGit } from './project-git.ts';
import type { PublishTarget } from './registries.ts';
import { readLayoutImage, type StoredImage } from './sparse-layout.ts';
import { statementPath } from './statements.ts';
import { type RenderedTag, renderTags } from './tags.ts';
import type { ImageIo, PublishPlan } from './types.ts';
import { type ChosenVersion, chooseVersion } from './version.ts';

/** What is to be published, and as what: everything that is known before a registry is asked. */
export interface PublishFacts {
  target: PublishTarget;
  /** The image's own blobs. */
  store: ContentStore;
  image: StoredImage;
  revision: string | undefined;
  version: ChosenVersion | undefined;
  tags: RenderedTag[];
  /** The templates the tags come from. */
  templates: readonly string[];
  evidence: PublishPlan['evidence'];
  /** The statement itself; undefined when the image is accepted without proof. */
  built: ReadStatement | undefined;
  notes: string[];
}

type Options = Omit<ImagePublishOptions, 'path'>;

/**
 * Gathers what is to be published, and refuses what must not be: an image without proof (`EVIDENCE_MISSING`,
 * `EVIDENCE_MISMATCH`), a version on an unclean tree (`REVISION_DIRTY`), another version than the image's own label or
 * another revision than the tagged one (`VERSION_MISMATCH`), no tag at all (`USAGE`).
 */
export async function publishFacts(
  project: LoadedManifest,
  section: ImageSection,
  target: PublishTarget,
  git: ProjectGit,
  options: Options,
  io: ImageIo,
): Promise<PublishFacts> {
  const { layout, image } = await readLayoutImage(join(project.dir, 'dist', 'image'));
  const index = image.index.descriptor;
  const labels = image.platforms[0]?.config.config?.Labels ?? {};
  const revision = labels['org.opencontainers.image.revision'];
  const [version, proof] = await Promise.all([
    versionOf(project, section, git, options, revision),
    proofOf(project, options, index.digest, io),
  ]);
  const label = labels['org.opencontainers.image.version'];
  const templates = options.tag ?? section.tags;
  const tags = renderTags(templates, { version: version?.version, revision, name: project.manifest.name });
  if (tags.length === 0) throw noTags(templates, version, revision);
  // A name such as "demo" promises no version, so an unclean tree may be tried out under it.
  if (version !== undefined && tags.some(({ kind }) => kind !== 'name' && kind !== 'commit')) {
    checkVersionOf(version, label, revision);
  }
  return {
    target,
    store: layout.blobs,
    image,
    revision,
    version,
    tags,
    templates,
    evidence: proof.evidence,
    built: proof.built,
    notes: proof.notes,
  };
}

/** The statement of the build, or why it is done without. Errors: `EVIDENCE_MISSING`, `EVIDENCE_MISMATCH`, `EVIDENCE_INVALID`. */
export async function proofOf(
  project: LoadedManifest,
  options: Options,
  index: Digest,
  io: ImageIo,
): Promise<Pick<PublishFacts, 'evidence' | 'built' | 'notes'>> {
  const { policy, key } = project.manifest.evidence;
  const verifier = await findVerifier({ env: io.env, key: key === undefined ? undefined : resolve(project.dir, key) });
  try {
    const read = await demandStatement(statementPath(project, 'image'), {
      capability: 'image',
      subject: index,
      results: ['built'],
      policy: { policy, verifier },
      emit: io.emit,
      hint: 'Build the image (baton image build, or publish --build), or pass --accept-unproven REASON.',
    });
    return { evidence: { digest: read.digest, signature: read.signature }, built: read, notes: [] };
  } catch (error) {
    if (!(error instanceof BatonError) || !error.code.startsWith('EVIDENCE_') || options.acceptUnproven === undefined)
      throw error;
    const notes = [`unproven image accepted (${options.acceptUnproven}): ${error.message}`];
    return { evidence: undefined, built: undefined, notes };
  }
}

/** The version to publish, `built` being the revision the image was built from. Errors: `VERSION_INVALID`, `VERSION_MISMATCH`. */
export async function versionOf(
  project: LoadedManifest,
  section: ImageSection,
  git: ProjectGit,
  options: Options,
  built: string | undefined,
): Promise<ChosenVersion | undefined> {
  const said = { release: options.release, manifest: section.version };
  const from = { ...said, tagPattern: project.manifest.release.tag, name: project.manifest.name };
  if (said.release !== undefined || said.manifest !== undefined) return chooseVersion({ ...from, tagsAtHead: [] });
  const chosen = chooseVersion({ ...from, tagsAtHead: await git.tagsAtHead() });
  if (chosen === undefined) return undefined;
  const now = await git.revision();
  if (now === built) return chosen;
  throw new BatonError(
    'VERSION_MISMATCH',
    `git tags this commit as ${chosen.version.version}, but the image was built from ${built ?? 'no known revision'} and the inputs are at ${now}`,
    { hint: 'Build the image from this commit first: baton image build' },
  );
}

/** Refuses a version for an image of another one (`VERSION_MISMATCH`), or of an unclean tree (`REVISION_DIRTY`). */
export function checkVersionOf(
  { version, source }: ChosenVersion,
  label: string | undefined,
  revision: string | undefined,
): void {
  if (revision?.endsWith('-dirty') === true) {
    throw new BatonError(
      'REVISION_DIRTY',
      `version ${version.version} cannot be published: the image was built from ${revision}`,
      {
        hint: 'Commit (or ignore) what "git status" shows in the inputs, build again, and publish.',
      },
    );
  }
  if (label === undefined || label === version.version) return;
  const where = { release: '--release', manifest: 'image.version in agent.yaml', tag: 'the git tag on this commit' }[
    source
  ];
  throw new BatonError('VERSION_MISMATCH', `${where} says ${version.version}, and the image's label says ${label}`, {
    hint: `Build the image for this version: baton image build${source === 'release' ? ` --release ${version.version}` : ''}`,
    details: { version: version.version, label },
  });
}

/** The error of a publish that no template gives a tag: `USAGE`. */
export function noTags(
  templates: readonly string[],
  version: ChosenVersion | undefined,
  revision: string | undefined,
): BatonError {
  const lacking = [
    version === undefined ? 'no version' : undefined,
    revision === undefined ? 'no git revision' : undefined,
  ];
  const why = lacking.filter((part) => part !== undefined).join(' and ');
  return new BatonError(
    'USAGE',
    `there is no tag to publish under: the templates are ${templates.join(', ')}, and there is ${why}`,
    {
      hint: 'Pass --release X.Y.Z or --tag NAME, or commit the project to git for a sha-... tag.',
    },
  );
}
