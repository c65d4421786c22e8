import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findProgram, startDockerRegistry } from '@baton/testkit';
import { bundledBaton, glibcBase, nativeEsbuild } from './artefacts.ts';
import { startBenchEngine } from './engine.ts';
import {
  type Arena,
  batonContender,
  buildahContender,
  type Contender,
  changeProject,
  craneContender,
  dockerContender,
  makeHome,
  umociContender,
} from './image-contenders.ts';
import { cpuOf, measure, type Sample } from './measure.ts';
import { peakOf } from './peak.ts';
import { markdown, paired, type Row, rowOf } from './tables.ts';

/** Which part of the bench, and how many counted rounds of each. */
export interface PublishBenchOptions {
  warm: number;
  cold: number;
  unchanged: number;
}

/**
 * From a source change to a pushed image: warm, cold, and with nothing changed, every contender in the same run, one
 * after the other in each round (A B C A B C), the first round not counted. The registry is Debian's, on loopback.
 */
export async function benchImagePublish(options: PublishBenchOptions): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-publish-'));
  const registry = await startDockerRegistry({ root: join(dir, 'registry') });
  const engine = await startBenchEngine();
  try {
    const base = await glibcBase(registry.host);
    const arena: Arena = {
      dir,
      registry: registry.host,
      baseDigest: base.digest,
      esbuild: nativeEsbuild(),
      baton: await bundledBaton(),
      node: process.execPath,
      dockerHost: engine?.host,
    };
    const contenders = await makeContenders(arena);
    const sections = [
      `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; base index ${base.digest}`,
      '### Warm: source change to pushed image',
      await warm(contenders, options.warm, engine),
      '### Cold: no caches, new target repository, base on the same registry',
      await cold(contenders, options.cold),
      '### Nothing changed',
      await unchanged(arena, contenders, options.unchanged),
      '### Peak memory of our own process (without the bundler it calls)',
      await peak(contenders),
    ];
    return sections.join('\n\n');
  } finally {
    await engine?.stop();
    await registry.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function makeContenders(arena: Arena): Promise<Contender[]> {
  const makers: [string, string[], (arena: Arena) => Promise<Contender>][] = [
    ['baton', [], batonContender],
    ['docker', arena.dockerHost === undefined ? ['dockerd'] : ['docker'], dockerContender],
    ['umoci', ['umoci', 'skopeo'], umociContender],
    ['crane', ['crane'], craneContender],
    ['buildah', ['buildah'], buildahContender],
  ];
  const contenders: Contender[] = [];
  for (const [name, programs, make] of makers) {
    const lacking = programs.filter((program) => findProgram(program) === undefined);
    if (lacking.length > 0 || (name === 'docker' && arena.dockerHost === undefined)) {
      console.error(`${name} is left out: no ${programs.join(', ')} here`);
      continue;
    }
    await makeHome(arena, name);
    contenders.push(await make(arena));
  }
  return contenders;
}

async function warm(
  contenders: Contender[],
  rounds: number,
  engine: { pids(): number[] } | undefined,
): Promise<string> {
  const samples = new Map<string, Sample[]>(contenders.map((c) => [c.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      await changeProject(contender, round + 1);
      const pids = contender.name === 'docker classic' ? (engine?.pids() ?? []) : [];
      const before = await cpuOf(pids);
      const sample = await measure(contender.command(`bench/${slug(contender)}`));
      const daemon = (await cpuOf(pids)) - before;
      if (round > 0) samples.get(contender.name)?.push({ ...sample, cpu: sample.cpu + daemon });
    }
  }
  return results(samples);
}

async function cold(contenders: Contender[], rounds: number): Promise<string> {
  const samples = new Map<string, Sample[]>(contenders.map((c) => [c.name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      await changeProject(contender, 1000 + round);
      await contender.forget();
      const sample = await measure(contender.command(`bench/cold-${slug(contender)}-${round}`));
      if (round > 0) samples.get(contender.name)?.push(sample);
    }
  }
  return results(samples);
}

async function unchanged(arena: Arena, contenders: Contender[], rounds: number): Promise<string> {
  const bare = { argv: [arena.node, '-e', '0'], cwd: arena.dir, env: { PATH: process.env.PATH } };
  const samples = new Map<string, Sample[]>([
    ...contenders.map((c): [string, Sample[]] => [c.name, []]),
    ['node -e 0', []],
  ]);
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const sample = await measure(contender.command(`bench/${slug(contender)}`));
      if (round > 0) samples.get(contender.name)?.push(sample);
    }
    const sample = await measure(bare);
    if (round > 0) samples.get('node -e 0')?.push(sample);
  }
  return results(samples);
}

async function peak(contenders: Contender[]): Promise<string> {
  const contender = contenders[0];
  if (contender === undefined) return '';
  const lines: string[] = [];
  for (const [title, prepare] of [
    ['warm', () => changeProject(contender, 5000)],
    ['cold, base on the same registry', () => contender.forget()],
    ['nothing changed', async () => undefined],
  ] as const) {
    await prepare();
    lines.push(`| ${title} | ${(await peakOf(contender.command('bench/peak'))).toFixed(1)} MB |`);
  }
  return ['| case | peak RSS |', '|---|---|', ...lines].join('\n');
}

function results(samples: Map<string, Sample[]>): string {
  const rows: Row[] = [...samples].map(([name, list]) => rowOf(name, list));
  const ours = samples.get('baton') ?? [];
  const ratios = [...samples]
    .filter(([name]) => name !== 'baton')
    .map(([name, list]) => paired('baton', ours, name, list));
  return `${markdown(rows)}\n\n${ratios.join('\n')}`;
}

function slug(contender: Contender): string {
  return contender.name.replaceAll(/[^a-z]+/g, '-');
}

/** Makes sure a directory is there; benches keep their JSON results in it. */
export async function resultsDirectory(): Promise<string> {
  const dir = resolve(import.meta.dirname, '../dist/bench');
  await mkdir(dir, { recursive: true });
  return dir;
}
