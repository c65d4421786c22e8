import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram, startDockerRegistry, startEngine, type TestEngine } from '@baton/testkit';
import { bundledBaton, glibcBase, nativeEsbuild } from './artefacts.ts';
import { type Command, measure, type Sample } from './measure.ts';
import { markdown, paired, rowOf } from './tables.ts';
import { change, writeProgram } from './workload.ts';

const BUNDLE = '--bundle --minify --platform=node --format=cjs --outfile=dist/bundle/main.cjs --log-level=error';
const PROTOCOLS = ['classic', 'buildkit'] as const;
type Protocol = (typeof PROTOCOLS)[number];

interface Side {
  name: string;
  project: string;
  command: Command;
}

/**
 * The docker driver against the docker command: the same Dockerfile and label, the same change, the same private engine and
 * registry, by both protocols; each round runs both sides, the first one is not counted. CPU is the client's: process
 * trees without the engine.
 */
export async function benchDockerDriver(rounds: number): Promise<string> {
  const docker = dockerWithBuildkit();
  if (findProgram('dockerd') === undefined || docker === undefined)
    return 'left out: no docker.io up to version 22 here';
  const dir = await mkdtemp(join(tmpdir(), 'baton-bench-docker-'));
  const registry = await startDockerRegistry({ root: join(dir, 'registry') });
  const engine = await startEngine();
  try {
    const base = `${registry.host}/bench/base@${(await glibcBase(registry.host)).digest}`;
    const baton = await bundledBaton();
    const sections = [`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; ${docker}`];
    for (const protocol of PROTOCOLS) {
      const place = join(dir, protocol);
      const sides = [
        await ourSide(place, protocol, registry.host, base, baton, engine),
        await dockerSide(place, protocol, registry.host, base, docker, engine),
      ];
      sections.push(`### ${protocol}`, await rivals(sides, rounds));
    }
    return sections.join('\n\n');
  } finally {
    await engine.stop();
    await registry.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function rivals(sides: readonly Side[], rounds: number): Promise<string> {
  const samples = sides.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, side] of sides.entries()) {
      await change(side.project, round + 1);
      const sample = await measure(side.command);
      if (round > 0) samples[i]?.push(sample);
    }
  }
  const rows = sides.map((side, i) => rowOf(side.name, samples[i] ?? []));
  const [ours, theirs] = samples;
  return `${markdown(rows)}\n\n${paired('baton', ours ?? [], 'docker', theirs ?? [])}`;
}

// The docker command up to version 22 speaks BuildKit itself; later ones need a plugin. One that can do both is taken.
function dockerWithBuildkit(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'docker'));
  const version = (path: string): string => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return candidates.find((path) => /version (?:18|19|2[0-2])\./.test(version(path)));
}

async function makeProject(dir: string, base: string): Promise<string> {
  const project = join(dir, 'project');
  await writeProgram(project);
  await mkdir(join(dir, 'home'), { recursive: true });
  const dockerfile = `FROM ${base}\nCOPY main.cjs /app/main.cjs\nUSER 0:0\nENTRYPOINT ["/usr/local/bin/node","/app/main.cjs"]\n`;
  await writeFile(join(project, 'Dockerfile'), dockerfile);
  return project;
}

function environment(dir: string, engine: TestEngine, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = { PATH: process.env.PATH, HOME: join(dir, 'home'), TMPDIR: '/tmp', LC_ALL: 'C' };
  return { ...env, DOCKER_HOST: engine.host, ...extra };
}

async function ourSide(
  place: string,
  protocol: Protocol,
  registry: string,
  base: string,
  baton: string,
  engine: TestEngine,
): Promise<Side> {
  const dir = join(place, 'baton');
  const project = await makeProject(dir, base);
  const command = `['${nativeEsbuild()}', src/main.ts, ${BUNDLE.split(' ').join(', ')}]`;
  await writeFile(
    join(project, 'agent.yaml'),
    `version: 1
name: bench
bundle: { command: ${command}, inputs: [src], outputs: [dist/bundle] }
image:
  repository: ${registry}/bench/baton-${protocol}
  driver: docker
  dockerfile: { file: Dockerfile, context: dist/bundle, protocol: ${protocol} }
  tags: [bench]
  attest: []
`,
  );
  const argv = [process.execPath, baton, 'image', 'publish', '--build'];
  const env = environment(dir, engine, { BATON_CACHE_DIR: join(dir, 'cache') });
  return { name: 'baton, driver docker', project, command: { argv, cwd: project, env } };
}

async function dockerSide(
  place: string,
  protocol: Protocol,
  registry: string,
  base: string,
  docker: string,
  engine: TestEngine,
): Promise<Side> {
  const dir = join(place, 'docker');
  const project = await makeProject(dir, base);
  const ref = `${registry}/bench/docker-${protocol}:bench`;
  const script = `'${nativeEsbuild()}' src/main.ts ${BUNDLE}
'${docker}' build -q -f Dockerfile --label org.opencontainers.image.title=bench -t ${ref} dist/bundle
'${docker}' push -q ${ref}`;
  const env = environment(dir, engine, { DOCKER_BUILDKIT: protocol === 'buildkit' ? '1' : '0' });
  return { name: 'docker build + push', project, command: { argv: ['sh', '-ec', script], cwd: project, env } };
}
