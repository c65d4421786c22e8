import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from './measure.ts';
import { change, writeProgram } from './workload.ts';

/** Everything that contenders share in one run of the bench. */
export interface Arena {
  /** Scratch directory of this run. */
  dir: string;
  /** `host:port` of the registry. */
  registry: string;
  /** Digest of the base image's index, pushed as `<registry>/bench/base`. */
  baseDigest: string;
  /** The native esbuild program: every contender bundles with the same call. */
  esbuild: string;
  /** The bundled `baton` command. */
  baton: string;
  node: string;
  /** `DOCKER_HOST` of the private engine, when one runs. */
  dockerHost?: string | undefined;
}

/** One way to get from a source change to a pushed image. */
export interface Contender {
  name: string;
  /** The command of a round; the source was changed before. */
  command(target: string): Command;
  /** Forgets everything that earlier rounds left on this machine. */
  forget(): Promise<void>;
  /** Where its copy of the program is. */
  project: string;
}

const BUNDLE = '--bundle --minify --platform=node --format=cjs --outfile=dist/bundle/main.cjs --log-level=error';

/** Makes a project for a contender: its own copy of the program. */
async function makeProject(arena: Arena, name: string): Promise<string> {
  const dir = join(arena.dir, name, 'project');
  await writeProgram(dir);
  return dir;
}

function cleanEnv(arena: Arena, name: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: join(arena.dir, name, 'home'), TMPDIR: '/tmp', LC_ALL: 'C', ...extra };
}

function shell(arena: Arena, name: string, cwd: string, script: string, extra?: NodeJS.ProcessEnv): Command {
  const argv = ['sh', '-ec', `'${arena.esbuild}' src/main.ts ${BUNDLE}\n${script}`];
  return { argv, cwd, env: cleanEnv(arena, name, extra) };
}

const APP_TAR =
  'tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --transform="s,^dist/bundle,app," -cf ../app.tar dist/bundle/main.cjs';

/** Our own command, bundled as users get it. */
export async function batonContender(arena: Arena): Promise<Contender> {
  const project = await makeProject(arena, 'baton');
  const cache = join(arena.dir, 'baton', 'cache');
  await writeFile(
    join(project, 'agent.yaml'),
    `version: 1
name: bench
bundle:
  command: ['${arena.esbuild}', src/main.ts, ${BUNDLE.split(' ').join(', ')}]
  inputs: [src]
  outputs: [dist/bundle]
image:
  repository: ${arena.registry}/bench/baton
  platforms: [linux/amd64]
  base: { ref: '${arena.registry}/bench/base@${arena.baseDigest}' }
  layers:
    - { from: dist/bundle, to: /app, compression: { algorithm: gzip, level: 1 } }
  entrypoint: [/usr/local/bin/node, /app/main.cjs]
  user: "0:0"
  tags: [bench]
  attest: []
`,
  );
  return {
    name: 'baton',
    project,
    command: (target) => ({
      argv: [arena.node, arena.baton, 'image', 'publish', '--build', '--repository', `${arena.registry}/${target}`],
      cwd: project,
      env: cleanEnv(arena, 'baton', { BATON_CACHE_DIR: cache }),
    }),
    async forget() {
      await rm(cache, { recursive: true, force: true });
      await rm(join(project, 'dist'), { recursive: true, force: true });
    },
  };
}

/** `docker build` by the classic builder, then `docker push`. */
export async function dockerContender(arena: Arena): Promise<Contender> {
  const project = await makeProject(arena, 'docker');
  const base = `${arena.registry}/bench/base@${arena.baseDigest}`;
  await writeFile(
    join(project, 'Dockerfile'),
    `FROM ${base}\nCOPY main.cjs /app/main.cjs\nUSER 0:0\nENTRYPOINT ["/usr/local/bin/node","/app/main.cjs"]\n`,
  );
  const env = { DOCKER_HOST: arena.dockerHost, DOCKER_BUILDKIT: '0' };
  return {
    name: 'docker classic',
    project,
    command: (target) => {
      const ref = `${arena.registry}/${target}:bench`;
      return shell(
        arena,
        'docker',
        project,
        `docker build -q -f Dockerfile -t ${ref} dist/bundle\ndocker push -q ${ref}`,
        env,
      );
    },
    async forget() {
      const { measure } = await import('./measure.ts');
      const script = `docker image prune -af >/dev/null; docker builder prune -af >/dev/null 2>&1 || true`;
      await measure({ argv: ['sh', '-c', script], cwd: project, env: cleanEnv(arena, 'docker', env) });
    },
  };
}

/** `umoci insert` into a layout, then `skopeo copy`. */
export async function umociContender(arena: Arena): Promise<Contender> {
  const project = await makeProject(arena, 'umoci');
  const layout = join(arena.dir, 'umoci', 'layout');
  const pull = `[ -d ${layout} ] || skopeo copy -q --src-tls-verify=false docker://${arena.registry}/bench/base@${arena.baseDigest} oci:${layout}:base`;
  return {
    name: 'umoci + skopeo',
    project,
    command: (target) =>
      shell(
        arena,
        'umoci',
        project,
        `${pull}
umoci insert --image ${layout}:base --tag app dist/bundle/main.cjs /app/main.cjs
umoci config --image ${layout}:app --config.user 0:0 --config.entrypoint /usr/local/bin/node --config.entrypoint /app/main.cjs
skopeo copy -q --dest-tls-verify=false oci:${layout}:app docker://${arena.registry}/${target}:bench`,
      ),
    forget: () => rm(layout, { recursive: true, force: true }),
  };
}

/** `crane mutate --append` on the base in the registry. */
export async function craneContender(arena: Arena): Promise<Contender> {
  const project = await makeProject(arena, 'crane');
  const base = `${arena.registry}/bench/base@${arena.baseDigest}`;
  return {
    name: 'crane',
    project,
    command: (target) =>
      shell(
        arena,
        'crane',
        project,
        `${APP_TAR}
crane mutate ${base} --platform linux/amd64 --append ../app.tar --user 0:0 --entrypoint /usr/local/bin/node,/app/main.cjs -t ${arena.registry}/${target}:bench`,
      ),
    forget: async () => undefined,
  };
}

/** `buildah bud`, then `buildah push`. */
export async function buildahContender(arena: Arena): Promise<Contender> {
  const project = await makeProject(arena, 'buildah');
  const base = `${arena.registry}/bench/base@${arena.baseDigest}`;
  await writeFile(
    join(project, 'Dockerfile'),
    `FROM ${base}\nCOPY main.cjs /app/main.cjs\nUSER 0:0\nENTRYPOINT ["/usr/local/bin/node","/app/main.cjs"]\n`,
  );
  const storage = join(arena.dir, 'buildah', 'storage');
  const options = `--root ${storage} --runroot ${storage}-run --storage-driver overlay`;
  return {
    name: 'buildah',
    project,
    command: (target) => {
      const ref = `${arena.registry}/${target}:bench`;
      return shell(
        arena,
        'buildah',
        project,
        `buildah ${options} bud -q --isolation chroot --layers --tls-verify=false -f Dockerfile -t ${ref} dist/bundle
buildah ${options} push -q --tls-verify=false ${ref}`,
      );
    },
    async forget() {
      const { measure } = await import('./measure.ts');
      await measure({
        argv: ['sh', '-c', `buildah ${options} rmi -a -f || true`],
        cwd: project,
        env: cleanEnv(arena, 'buildah'),
      });
    },
  };
}

/** The source change that a round starts with, the same for every contender. */
export async function changeProject(contender: Contender, round: number): Promise<void> {
  await change(contender.project, round);
}

/** Makes a contender's home directory. */
export async function makeHome(arena: Arena, name: string): Promise<void> {
  await mkdir(join(arena.dir, name, 'home'), { recursive: true });
}
