import { basename, join, resolve } from 'node:path';
import type { Engine } from '@baton/engine';
import { BatonError, plural, sweepTemporaries, withLock, writeFileAtomic } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { projectLock } from '../project-lock.ts';
import type { ImageIo } from '../types.ts';
import { checkAttached } from './check-attached.ts';
import { checkNative, type OwnLayers } from './check-native.ts';
import { checkProgram, type ProgramFindings } from './check-program.ts';
import { checkAnnotations, checkPlatforms, checkSettings } from './check-settings.ts';
import { choosePlatforms } from './choose-platforms.ts';
import { type ComposeFile, readCompose } from './compose-file.ts';
import { chooseServices } from './compose-services.ts';
import type { ImageVerifyOptions } from './options.ts';
import { ownLayers } from './own-layers.ts';
import { type ReadPlatform, readDocuments } from './read-documents.ts';
import { layerReader, type ReadLayers } from './read-layers.ts';
import { openSmoke, runsDirectory } from './smoke.ts';
import { type SmokeSettings, USUAL_START } from './smoke-run.ts';
import { openProject, openTarget, type Target } from './subject.ts';
import type { ImageCheck, Verification, VerifiedPlatform } from './types.ts';
import { verificationPage } from './verification-page.ts';
import { writeVerification } from './verification-statement.ts';
import { lintVolumes } from './volume-lint.ts';

/** What a test puts in place of the machine's own. */
export interface VerifyPorts {
  /** The container engine; by default the one that the environment names, loaded when it is needed. */
  connect?: (env: NodeJS.ProcessEnv) => Engine | Promise<Engine>;
}

/**
 * Reads an image back, every byte by digest, and looks whether it can be started: documents, layers, settings, program,
 * libraries, native code, volumes; starts it once where that is asked for.
 *
 * What is wrong with the image is a failed check in the result, never an error; {@link verificationError} turns it into
 * one. Errors: those of {@link openTarget}, `PLATFORM_MISSING`, `COMPOSE_INVALID`, those of a registry that cannot be
 * reached.
 */
export async function verifyImage(
  options: ImageVerifyOptions,
  io: ImageIo,
  ports: VerifyPorts = {},
): Promise<Verification> {
  return await verifyTarget(await openTarget(options, io), options, io, ports);
}

/** {@link verifyImage} for a project that is loaded: what it published, or what is in its `dist/image`. */
export async function verifyProject(
  project: LoadedManifest,
  options: Omit<ImageVerifyOptions, 'image' | 'project'>,
  io: ImageIo,
  ports: VerifyPorts = {},
): Promise<Verification> {
  const subject = await openProject(project, options.published, io);
  return await verifyTarget({ subject, project }, { ...options, image: '.' }, io, ports);
}

async function verifyTarget(
  target: Target,
  options: ImageVerifyOptions,
  io: ImageIo,
  ports: VerifyPorts,
): Promise<Verification> {
  try {
    if (target.subject.kind !== 'project' || target.project === undefined)
      return await verify(target, options, io, ports);
    // A build at the same time would take the blobs away.
    const lock = await projectLock(target.project, io);
    return await withLock(lock.name, () => verify(target, options, io, ports), lock.options);
  } finally {
    target.subject.close();
  }
}

async function verify(
  { subject, project }: Target,
  options: ImageVerifyOptions,
  io: ImageIo,
  ports: VerifyPorts,
): Promise<Verification> {
  const section = project?.manifest.image;
  const compose = await composeOf(options, project);
  const repository = subject.pull === undefined ? section?.repository : subject.name;
  const mounted =
    compose === undefined
      ? undefined
      : { file: compose, services: chooseServices(compose, repository, options.service) };

  const image = await readDocuments(subject);
  const platforms = choosePlatforms(image.platforms, options.platform, subject.image);
  const checks = [...image.checks];
  if (image.index !== undefined) {
    checks.push(...checkPlatforms(image.platforms, section));
    if (section !== undefined) checks.push(...checkAnnotations(image.index, section));
  }
  checks.push(...passedOver(image.platforms, platforms), ...(await checkAttached(image.others, subject)));

  await sweepTemporaries(runsDirectory(io));
  const settings = settingsOf(options, section);
  const connect = ports.connect ?? (async (env) => (await import('@baton/engine')).connectEngine(env));
  const smoke = settings === undefined ? undefined : await openSmoke(platforms, settings, subject, io, connect);
  try {
    const reader = layerReader(subject, platforms, smoke?.spool, io.emit);
    const verified: VerifiedPlatform[] = [];
    for (const platform of platforms) {
      const layers = await reader.read(platform);
      const own = await ownLayers(platform, project, subject);
      const { found, summary } = lookInto({ platform, layers, project, own, compose: mounted });
      checks.push(...found);
      verified.push(summary);
      smoke?.take(platform, layers);
    }
    const run = await smoke?.start();
    if (run !== undefined) checks.push(run.check);

    const verdict = checks.some(({ result }) => result === 'failed') ? 'failed' : 'verified';
    const made: Verification = {
      image: subject.image,
      kind: subject.kind,
      index: { digest: subject.top.digest, ...image.top },
      verdict,
      checks,
      platforms: verified,
      run: run?.report,
    };
    const statement = await writeVerification(made, { subject, project, compose }, options, io);
    const html = options.html === undefined ? undefined : resolve(options.html);
    const whole = { ...made, statement, html };
    if (html !== undefined) await writeFileAtomic(html, verificationPage(whole));
    return whole;
  } finally {
    await smoke?.close();
  }
}

interface About {
  platform: ReadPlatform;
  layers: ReadLayers;
  project: LoadedManifest | undefined;
  own: OwnLayers;
  compose: { file: ComposeFile; services: ReturnType<typeof chooseServices> } | undefined;
}

/** Everything that is looked at in one platform. */
function lookInto({ platform, layers, project, own, compose }: About): {
  found: ImageCheck[];
  summary: VerifiedPlatform;
} {
  const { text, config, descriptor, manifest } = platform;
  const runtime = config.config ?? {};
  const { tree } = layers;
  const found: ImageCheck[] = [...layers.checks];
  const add = (checks: readonly ImageCheck[]): void => {
    for (const check of checks) found.push({ ...check, platform: text });
  };
  if (project !== undefined) add(checkSettings(runtime, project));
  const program = tree === undefined ? undefined : checkProgram(runtime, config.architecture, tree);
  if (program === undefined) add(unseen());
  else if (tree !== undefined) add([...program.checks, ...checkNative(tree, config.architecture, program, own)]);
  const listed = project?.manifest.image?.volumes ?? (project === undefined ? undefined : []);
  add(lintVolumes({ volumes: Object.keys(runtime.Volumes ?? {}), listed, tree, compose }));
  const summary: VerifiedPlatform = {
    platform: text,
    manifest: descriptor,
    config: manifest.config.digest,
    layers: layers.layers,
    files: tree?.size ?? 0,
    ...programSummary(program),
  };
  return { found, summary };
}

function programSummary(found: ProgramFindings | undefined): Pick<VerifiedPlatform, 'program' | 'libraries'> {
  return { program: found?.program ?? [], libraries: found?.libraries ?? [] };
}

// What stands on the files of the image cannot be told when these are not what was promised.
function unseen(): ImageCheck[] {
  const detail = 'the files of the image could not be read';
  return ['user', 'entrypoint', 'libraries', 'native'].map((id) => ({ id, result: 'pending', detail }));
}

function passedOver(all: readonly ReadPlatform[], chosen: readonly ReadPlatform[]): ImageCheck[] {
  const others = all.filter((platform) => !chosen.includes(platform)).map(({ text }) => text);
  if (others.length === 0) return [];
  const detail = `only ${chosen.map(({ text }) => text).join(', ')} was asked for: ${others.join(', ')} was not looked into`;
  return [{ id: 'platforms', result: 'pending', detail }];
}

async function composeOf(
  { compose }: ImageVerifyOptions,
  project: LoadedManifest | undefined,
): Promise<ComposeFile | undefined> {
  if (compose !== undefined) return await readCompose(resolve(compose), basename(compose));
  const named = project?.manifest.image?.verify?.compose;
  return project === undefined || named === undefined ? undefined : await readCompose(join(project.dir, named), named);
}

function settingsOf({ run }: ImageVerifyOptions, section: ImageSection | undefined): SmokeSettings | undefined {
  if (run === 'never' || (run === 'auto' && section?.verify === undefined)) return undefined;
  return section?.verify ?? USUAL_START;
}

/** The error of an image that failed: its first failed check, and how many there are. */
export function verificationError(verification: Verification): BatonError | undefined {
  const failed = verification.checks.filter(({ result }) => result === 'failed');
  const [first, ...more] = failed;
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` (and ${plural(more.length, 'more failed check')})`;
  return new BatonError('VERIFY_FAILED', `${verification.image}: ${sentence(first)}${others}`, {
    hint: [
      ...more.slice(0, MOST_HINTED).map(sentence),
      'Build and publish the image again when this is repaired.',
    ].join('\n'),
    details: { checks: failed },
  });
}

const MOST_HINTED = 10;

function sentence({ id, platform, detail }: ImageCheck): string {
  return `${platform === undefined ? '' : `${platform}: `}${id}: ${detail}`;
}
