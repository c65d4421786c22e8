import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Effect, ownerState, sha256 } from '@baton/kernel';
import { openStore } from '@baton/oci';
import {
  type ChildCommand,
  enumerateEffects,
  killAt,
  killMatrix,
  noise,
  proofSample,
  runNode,
  startRegistryServer,
  temporaryDirectory,
} from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { type TestProject, testProject } from './project.fixture.ts';
import type { BuildResult } from './types.ts';

const WAITERS = 3;
const HERE = import.meta.dirname;

// The bundle command: it leaves its group with a helper, and both stay until the door is open.
const MAKE = `
mkdir -p dist/bundle
echo $$ >> dist/programs
setsid sh -c 'echo $$ >> dist/programs; while ! test -e dist/open; do sleep 0.02; done' > /dev/null 2>&1 &
while ! test -e dist/open; do sleep 0.02; done
cp src/in.txt dist/bundle/main.txt
`;

interface World {
  project: TestProject;
  command: ChildCommand;
}

async function world(): Promise<World> {
  const image = {
    layers: [
      { from: 'dist/bundle', to: '/app' },
      { from: 'files/shared', to: '/shared' },
    ],
  };
  const project = await testProject(image, { bundle: { command: ['sh', 'make.sh'] } });
  await project.write({ 'make.sh': MAKE, 'src/in.txt': 'text' });
  await project.commit();
  const script = join(temporaryDirectory('build'), 'child.ts');
  // As a command line: notes to standard error, the result to standard output, and then the process ends.
  writeFileSync(
    script,
    `import { loadManifest } from '@baton/manifest';
    import { buildImage } from ${JSON.stringify(join(HERE, 'build-image.ts'))};
    import { buildOptions } from ${JSON.stringify(join(HERE, 'project.fixture.ts'))};
    const [dir, cacheDir] = process.argv.slice(2);
    const emit = (event) => event.type === 'note' && process.stderr.write(event.label + '\\n');
    const result = await buildImage(await loadManifest(dir), buildOptions(), { emit, cacheDir, env: process.env });
    process.stdout.write(JSON.stringify(result));
    process.exit(0);`.replace("'@baton/manifest'", JSON.stringify(join(HERE, '../../manifest/src/index.ts'))),
  );
  return { project, command: { script, args: [project.dir, project.io.cacheDir], options: { timeout: 120_000 } } };
}

/** Starts a leader, then those who wait; opens the door when all but one wait; returns what they got. */
async function crowd({ project, command }: World, leading: () => Promise<unknown>): Promise<BuildResult[]> {
  let over = false;
  const leader = leading().finally(() => {
    over = true;
  });
  leader.catch(() => undefined);
  const programs = (): string => {
    try {
      return readFileSync(join(project.dir, 'dist/programs'), 'utf8');
    } catch {
      return '';
    }
  };
  while (!over && programs() === '') await sleep(5);
  let waiting = 0;
  let ended = 0;
  const onStderr = (chunk: Buffer): void => {
    if (chunk.includes('waiting for it')) waiting += 1;
  };
  const waiters = Array.from({ length: WAITERS }, async () => {
    const run = await runNode(command.script, command.args, { ...command.options, onStderr });
    ended += 1;
    expect([run.code, run.stderr.toString().replaceAll(/^another run works on .*\n/gm, '')]).toEqual([0, '']);
    return JSON.parse(run.stdout.toString()) as BuildResult;
  });
  while (waiting + ended < WAITERS - 1) await sleep(5);
  await project.write({ 'dist/open': '' });
  await leader;
  return await Promise.all(waiters);
}

function leftovers(project: TestProject): string[] {
  const places = [join(project.dir, 'dist'), project.io.cacheDir];
  const names = places.flatMap((place) => readdirSync(place, { recursive: true }) as string[]);
  const halfMade = names.filter((name) => {
    const owner = /\.([0-9]+-[0-9]+-[0-9a-f]{8})\.[0-9a-f]{12}\.(tmp|part)$/.exec(name)?.[1];
    return owner !== undefined && ownerState(owner) !== 'alive';
  });
  return [...halfMade, ...readdirSync(join(project.io.cacheDir, 'v1/flights'))];
}

function livingPrograms(project: TestProject): number[] {
  const pids = readFileSync(join(project.dir, 'dist/programs'), 'utf8').trim().split('\n').map(Number);
  return pids.filter((pid) => {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
    } catch {
      return false;
    }
  });
}

describe.runIf(process.platform === 'linux')(
  'a build whose leader is killed before and after each of its effects',
  () => {
    test('ends well for those who wait, with one image and nothing left behind', async () => {
      const first = await world();
      let effects: Effect[] = [];
      const [reference] = await crowd(first, async () => {
        effects = await enumerateEffects(first.command);
      });
      expect(effects.map(({ kind }) => kind)).toContain('send');
      const digest = reference?.index.digest;
      const points = effects.flatMap((effect) => [
        { effect, when: 'before' as const },
        { effect, when: 'after' as const },
      ]);
      let killed = 0;
      for (const { effect, when } of proofSample(points, 13)) {
        const state = await world();
        const where = `killed ${when} effect ${effect.n} (${effect.kind} ${effect.target})`;
        let signal: string | null = null;
        const results = await crowd(state, async () => {
          ({ signal } = await killAt(state.command, effect.n, when));
        });
        // How many have joined when something is sent depends on the machine: on a busy one a last send may not come.
        if (effect.kind !== 'send') expect([where, signal]).toEqual([where, 'SIGKILL']);
        if (signal === 'SIGKILL') killed += 1;
        expect([where, ...results.map((result) => result.index.digest)]).toEqual([
          where,
          ...Array(WAITERS).fill(digest),
        ]);
        expect([where, livingPrograms(state.project)]).toEqual([where, []]);
        // The next one finds all as it should be, and sweeps what the killed one left.
        await state.project.write({ 'src/in.txt': 'text of another build' });
        await runNode(state.command.script, state.command.args, state.command.options);
        expect([where, leftovers(state.project)]).toEqual([where, []]);
      }
      expect(killed).toBeGreaterThan(proofSample(points, 13).length / 2);
      console.log(`killed at ${killed} of ${proofSample(points, 13).length} points`);
    });
  },
);

describe('a download that is killed before and after each of its effects', () => {
  test('is finished by the next one, without a byte being wrong', async () => {
    const registry = await startRegistryServer();
    const script = fileURLToPath(new URL('./pull.fixture.ts', import.meta.url));
    const bytes = noise(3_000_000);
    const digest = sha256(bytes);
    await registry.store.addBlob('acme/base', bytes);
    try {
      const points = await killMatrix(
        async () => {
          const cache = temporaryDirectory('cache');
          const args = [cache, `${registry.host}/acme/base`, `${digest}:${bytes.byteLength}`];
          return { cache, command: { script, args } };
        },
        async ({ cache, command }) => {
          const ends = await Promise.all([1, 2, 3].map(() => runNode(command.script, command.args)));
          expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
          expect(readFileSync(openStore(cache).path(digest)).equals(bytes)).toBe(true);
          expect(readdirSync(join(cache, 'blobs/sha256'))).toHaveLength(1);
          expect(readdirSync(join(cache, 'parts'))).toEqual([]);
        },
        { choose: (_, i) => proofSample([...Array(100).keys()], 3).includes(i) },
      );
      expect(points.length).toBeGreaterThan(4);
    } finally {
      await registry.stop();
    }
  });
});
