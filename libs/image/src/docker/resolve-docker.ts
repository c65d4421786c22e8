import { resolve } from 'node:path';
import { type ContextSummary, type EngineAuth, type EngineBuild, summarizeContext } from '@baton/engine';
import { BatonError, canonicalJson, type Digest, type Json, sha256 } from '@baton/kernel';
import type { DockerfileSection, ImageSection, LoadedManifest } from '@baton/manifest';
import { checkTag, formatPlatform, parsePlatform } from '@baton/oci';
import { imageLabels } from '../image-labels.ts';
import { imageSection } from '../image-section.ts';
import type { LintReport } from '../lint/finding.ts';
import { lintForBuild, tellWarnings } from '../lint/lint-image.ts';
import { type LintSubject, projectSubject } from '../lint/lint-subject.ts';
import { type ProjectFacts, projectFacts } from '../project-facts.ts';
import type { ProjectGit } from '../project-git.ts';
import type { ImageIo } from '../types.ts';
import { outsideImages, refuseSecrets } from './dockerfile-needs.ts';
import { dockerfileOf } from './driver.ts';
import { engineAuths } from './engine-auth.ts';

/** What is known of a build before its bundle command has run. */
export interface PreparedDocker {
  image: ImageSection;
  section: DockerfileSection;
  /** Those that are to be built. */
  platforms: string[];
  facts: ProjectFacts;
  labels: Record<string, string>;
  lint: LintReport;
  /** The Dockerfile's bytes. */
  dockerfile: Buffer;
  /** What the Dockerfile is built on and takes files from, as references. */
  bases: string[];
  auth: EngineAuth[];
  /** What was found by reading the Dockerfile, to be remembered. */
  look: DockerfileLook;
}

/** What is known of a Dockerfile that was read: equal keys are equal files, held to equal manifests. */
export interface DockerfileLook {
  key: Digest;
  lint: LintReport;
  bases: string[];
}

/** One platform that is to be built. */
export interface DockerTarget {
  platform: string;
  /** Equal keys give equal images, as long as the engine has the same bases. */
  key: Digest;
  build: EngineBuild;
  name: string;
}

/** A build whose inputs are all known; nothing is sent yet. */
export interface ResolvedDocker extends PreparedDocker {
  context: ContextSummary;
  targets: DockerTarget[];
}

/**
 * Looks at everything that no bundle command can change. Errors: `LINT_FAILED`, `DOCKERFILE_INVALID`,
 * `DRIVER_UNSUPPORTED`, `PLATFORM_MISSING`, those of {@link projectFacts}.
 *
 * @param known what an earlier build found in the Dockerfile
 */
export async function prepareDocker(
  project: LoadedManifest,
  git: ProjectGit,
  options: { release?: string | undefined; platform?: string | undefined },
  io: ImageIo,
  known?: DockerfileLook,
): Promise<PreparedDocker> {
  const image = imageSection(project);
  const section = dockerfileOf(project);
  const platforms = choosePlatforms(image, options.platform);
  const [facts, subject] = await Promise.all([projectFacts(project, git, options, io), projectSubject(project)]);
  const look = await lookAt(subject, known);
  const { lint, bases } = look;
  tellWarnings(lint, io.emit);
  const auth = await engineAuths(bases, io.env);
  const labels = imageLabels(project.manifest.name, image, facts);
  return { image, section, platforms, facts, labels, lint, dockerfile: subject.bytes, bases, auth, look };
}

function choosePlatforms({ platforms }: ImageSection, asked: string | undefined): string[] {
  const listed = platforms.map((text) => formatPlatform(parsePlatform(text)));
  if (asked === undefined) return listed;
  const wanted = formatPlatform(parsePlatform(asked));
  if (listed.includes(wanted)) return [wanted];
  throw new BatonError('PLATFORM_MISSING', `agent.yaml does not list ${asked}, it lists ${listed.join(', ')}`, {
    hint: 'Name one of these, or add it to image.platforms.',
  });
}

/** Reads a Dockerfile, unless it is the one that was read before: loading the parser takes longer than using it. */
async function lookAt(subject: LintSubject, known: DockerfileLook | undefined): Promise<DockerfileLook> {
  const facts = JSON.parse(JSON.stringify(subject.facts)) as Json;
  const key = sha256(canonicalJson([subject.file, sha256(subject.bytes), facts]));
  if (known?.key === key) return known;
  const { report: lint, parsed } = await lintForBuild(subject);
  refuseSecrets(parsed, subject.facts.args ?? {});
  return { key, lint, bases: outsideImages(parsed) };
}

/** Looks at the context, once. Errors: `CONTEXT_INVALID`, `FILE_CHANGED`. */
export async function resolveDocker(
  project: LoadedManifest,
  prepared: PreparedDocker,
  address: string,
): Promise<ResolvedDocker> {
  const { section, platforms, facts, labels, auth } = prepared;
  const source = contextSource(project, section, facts.epoch);
  const context = await summarizeContext(source);
  const targets = platforms.map((platform): DockerTarget => {
    const { target, args, network, protocol } = section;
    const name = localName(project, prepared, platforms.length > 1 ? platform : undefined);
    const how = { platform, target, args, network, protocol, labels };
    const key = sha256(canonicalJson({ v: 1, address, context: context.digest, epoch: facts.epoch, ...how }));
    return { platform, key, name, build: { ...source, ...how, tags: [name], auth } };
  });
  return { ...prepared, context, targets };
}

/** Where the context of a project is, and the Dockerfile; absolute. */
export function contextSource(
  project: LoadedManifest,
  section: DockerfileSection,
  epoch: number,
): { context: string; dockerfile: string; epoch: number } {
  return { context: resolve(project.dir, section.context), dockerfile: resolve(project.dir, section.file), epoch };
}

/** The name that an image gets in the engine, as `image load` would give it; with several platforms, one for each. */
function localName(
  project: LoadedManifest,
  { image, facts }: Pick<PreparedDocker, 'image' | 'facts'>,
  platform: string | undefined,
): string {
  const own = facts.version ?? (facts.revision === undefined ? 'latest' : `sha-${facts.revision}`);
  const tag = platform === undefined ? own : `${own}-${platformSuffix(platform)}`;
  return `${image.repository ?? project.manifest.name}:${checkTag(tag)}`;
}

/** A platform as part of a tag: `arm64`, `arm-v7`; with the system in front where it is not Linux. */
export function platformSuffix(platform: string): string {
  return platform.replace(/^linux\//, '').replaceAll('/', '-');
}
