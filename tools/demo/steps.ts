import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type BuildPlan,
  type BuildResult,
  buildImage,
  exportImage,
  type ImageIo,
  type PublishResult,
  planBuild,
  planPublish,
  publishImage,
} from '@baton/image';
import {
  BatonError,
  cacheDir,
  formatBytes,
  type ProgressEvent,
  plural,
  shortDigest,
  toBatonError,
} from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import type { ParityResult } from '@baton/parity';
import { startRegistryServer } from '@baton/testkit';
import { comparedWithRecordings } from './compare-recordings.ts';
import { cutExampleOver, type DemoCutover } from './cut-over.ts';
import { hostPlatform, startProgram } from './start-program.ts';
import { staticProject } from './static-project.ts';

/** What the steps hand to each other. */
export interface DemoState {
  signal: AbortSignal;
  /** What a person should know at the end. */
  notes: string[];
  /** Run at the end, last one first. */
  closers: (() => Promise<void>)[];
  project?: LoadedManifest;
  plan?: BuildPlan;
  built?: BuildResult;
  repository?: string;
  tags?: string[] | undefined;
  first?: PublishResult;
  second?: PublishResult;
  output?: string;
  parity?: ParityResult;
  cutover?: DemoCutover;
}

/** One line of the demo's task list. */
export interface DemoStep {
  title: string;
  /** Returns what to write behind the title when it is done. */
  run(state: DemoState, say: (text: string) => void): Promise<string>;
}

const ROOT = resolve(import.meta.dirname, '../..');

/** The demo, top to bottom. */
export function demoSteps(): DemoStep[] {
  return [
    { title: 'Base image', run: buildBase },
    { title: 'Agent image, two platforms', run: buildAgent },
    { title: 'Registry on loopback', run: startRegistry },
    { title: 'Publish', run: publish },
    { title: 'Publish again', run: publishAgain },
    { title: 'Start the program from the image', run: startFromImage },
    { title: 'Old and new on the same scenarios', run: compareWithOld },
    { title: 'Cut a repository over to the new one', run: cutOver },
  ];
}

async function buildBase(state: DemoState, say: (text: string) => void): Promise<string> {
  try {
    const base = await loadManifest(join(ROOT, 'containers/base'));
    const result = await buildImage(base, { dryRun: false, locked: false, force: false, bundle: true }, io(state, say));
    state.project = await loadManifest(join(ROOT, 'apps/agent'));
    return `glibc and Node from Debian and npm packages, ${shortDigest(result.index.digest)}${result.unchanged ? ', unchanged' : ''}`;
  } catch (thrown) {
    const error = toBatonError(thrown);
    if (error.code === 'INTERRUPTED' || error.code === 'DISK_FULL') throw error;
    // Without Debian's packages (another system, no archive in reach) there is still something real to build.
    state.project = await staticProject(join(import.meta.dirname, 'dist/static-program'));
    state.notes.push(`No glibc base could be had here (${error.code}: ${error.message}).`);
    state.notes.push('The demo built on "scratch" with a static program instead: the esbuild binary.');
    return `not here (${error.code}), so on scratch with a static program`;
  }
}

async function buildAgent(state: DemoState, say: (text: string) => void): Promise<string> {
  const project = known(state.project);
  state.plan = await planBuild(
    project,
    { locked: false, bundle: true },
    io(state, () => undefined),
  );
  const built = await buildImage(project, { dryRun: false, locked: false, force: false, bundle: true }, io(state, say));
  state.built = built;
  const layers = built.platforms.flatMap((p) => p.layers.filter((layer) => layer.origin === 'own'));
  const own = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const bytes = own.reduce((sum, layer) => sum + layer.size, 0);
  return `${shortDigest(built.index.digest)}, ${plural(own.length, 'own layer')} of ${formatBytes(bytes)}${built.unchanged ? ', unchanged' : ''}`;
}

async function startRegistry(state: DemoState): Promise<string> {
  const registry = await startRegistryServer();
  state.closers.push(() => registry.stop());
  state.repository = `${registry.host}/demo/${known(state.project).manifest.name}`;
  return registry.host;
}

async function publish(state: DemoState, say: (text: string) => void): Promise<string> {
  state.tags = await demoTags(state, say);
  state.first = await publishImage(known(state.project), publishOptions(state), io(state, say));
  const { blobs, bytes, manifests } = state.first.uploads;
  return `${plural(blobs, 'blob')} of ${formatBytes(bytes)}, ${plural(manifests, 'manifest')}, tags ${state.first.tags.map((t) => t.tag).join(', ')}`;
}

// A version tag is written once and stands for a commit: from an unclean tree the demo publishes under a name.
async function demoTags(state: DemoState, say: (text: string) => void): Promise<string[] | undefined> {
  try {
    await planPublish(known(state.project), publishOptions(state), io(state, say));
    return undefined;
  } catch (thrown) {
    if (toBatonError(thrown).code !== 'REVISION_DIRTY') throw thrown;
    state.notes.push(
      'The work tree has uncommitted changes, so the image was published as "demo" and not under its version.',
    );
    return ['demo'];
  }
}

async function publishAgain(state: DemoState, say: (text: string) => void): Promise<string> {
  state.second = await publishImage(known(state.project), publishOptions(state), io(state, say));
  if (!state.second.unchanged) throw new BatonError('INTERNAL', 'publishing the same image again uploaded something');
  return 'already published, nothing uploaded';
}

async function startFromImage(state: DemoState, say: (text: string) => void): Promise<string> {
  const platform = hostPlatform();
  const built = known(state.built);
  if (!built.platforms.some((p) => p.platform === platform)) return `skipped: the image has no ${platform}`;
  const dir = await mkdtemp(join(tmpdir(), 'baton-demo-root-'));
  state.closers.push(() => rm(dir, { recursive: true, force: true }));
  const root = join(dir, 'root');
  const project = known(state.project);
  await exportImage(project, { to: root, format: 'rootfs', platform }, io(state, say));
  const start = project.manifest.image?.verify ?? {};
  const run = await startProgram(root, built, platform, start, state.signal);
  state.output = run.output;
  return run.how;
}

async function compareWithOld(state: DemoState, say: (text: string) => void): Promise<string> {
  const { result, said } = await comparedWithRecordings(known(state.project), {
    ...io(state, say),
    signal: state.signal,
  });
  if (result !== undefined) state.parity = result;
  return said;
}

async function cutOver(state: DemoState, say: (text: string) => void): Promise<string> {
  const { result, said } = await cutExampleOver({ ...io(state, say), signal: state.signal });
  state.cutover = result;
  return said;
}

function publishOptions(state: DemoState) {
  return {
    dryRun: false,
    build: false,
    locked: false,
    force: false,
    repository: known(state.repository),
    ...(state.tags === undefined ? {} : { tag: state.tags }),
  };
}

function io(state: DemoState, say: (text: string) => void): ImageIo {
  const emit = (event: ProgressEvent): void => {
    // Lines are kept where there is no terminal: then only what has ended is worth one.
    if (event.label === undefined || (!isLive() && /\.(start|progress)$/.test(event.type))) return;
    const amount =
      event.done !== undefined && event.total !== undefined && event.unit === 'bytes'
        ? ` ${formatBytes(event.done)} of ${formatBytes(event.total)}`
        : '';
    say(`${event.label}${amount}${event.detail === undefined ? '' : `: ${event.detail}`}`);
  };
  return { emit, signal: state.signal, cacheDir: cacheDir(), env: process.env };
}

/** Whether the task list is redrawn in place. */
export function isLive(): boolean {
  return process.stdout.isTTY === true && process.env.CI === undefined;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new BatonError('INTERNAL', 'a step of the demo ran before the one it needs');
  return value;
}
