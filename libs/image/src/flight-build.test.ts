import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BatonError, type ProgressEvent, sha256 } from '@baton/kernel';
import { MEDIA_TYPES } from '@baton/oci';
import { needs, runNode, temporaryDirectory } from '@baton/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { type MakeBuild, shareBuild } from './flight-build.ts';
import { makeArchive } from './layers/debian/debian-archive.fixture.ts';
import { buildOptions, type TestProject, testProject } from './project.fixture.ts';
import type { BuildResult, ImageIo } from './types.ts';
import { buildStamp, unchangedBuild } from './unchanged.ts';

const CHILD = fileURLToPath(new URL('./child.fixture.ts', import.meta.url));

// Reads its input, says that it did, and goes on when the door is open.
const MAKE = `
  import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout } from 'node:timers/promises';
  mkdirSync('dist/bundle', { recursive: true });
  const text = readFileSync('src/in.txt', 'utf8');
  appendFileSync('dist/runs', process.pid + '\\n');
  while (!existsSync('dist/open')) await setTimeout(5);
  if (text.includes('broken')) { process.stderr.write('it is broken'); process.exit(1); }
  writeFileSync('dist/bundle/main.txt', text.toUpperCase());
`;

interface Gated extends TestProject {
  /** Process ids of the bundle command, one for each time it ran. */
  runs(count?: number): Promise<number[]>;
  open(): void;
  build(changes?: Parameters<typeof buildOptions>[0], io?: Partial<ImageIo>): Promise<BuildResult>;
}

async function gated(image: Record<string, unknown> = {}): Promise<Gated> {
  const section = { layers: [{ from: 'dist/bundle', to: '/app' }], ...image };
  const project = await testProject(section, { bundle: { command: ['node', 'make.mjs'] } });
  await project.write({ 'make.mjs': MAKE, 'src/in.txt': 'text' });
  await project.commit();
  const all = (): number[] => {
    const file = join(project.dir, 'dist/runs');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  };
  return {
    ...project,
    async runs(count = 0) {
      while (all().length < count) await sleep(5);
      return all();
    },
    open() {
      mkdirSync(join(project.dir, 'dist'), { recursive: true });
      writeFileSync(join(project.dir, 'dist/open'), '');
    },
    build: async (changes = {}, io = {}) =>
      await buildImage(await project.load(), buildOptions(changes), { ...project.io, ...io }),
  };
}

/** One who asks for a build that is under way, when he waits. */
async function joiner(
  project: Gated,
  changes: Parameters<typeof buildOptions>[0] = {},
): Promise<Promise<BuildResult>[]> {
  const events: ProgressEvent[] = [];
  const building = project.build(changes, { emit: (event) => events.push(event) });
  building.catch(() => undefined);
  while (!events.some(({ label }) => label?.includes('waiting'))) await sleep(5);
  return [building];
}

let project: Gated;
beforeEach(async () => {
  project = await gated();
});

const bundleOf = async (): Promise<string> => (await project.read('dist/bundle/main.txt')).toString();

describe.each([{ force: false }, { force: true }])('a build with %j that others ask for', (changes) => {
  test('is made once for those who come while it is made', async () => {
    const first = project.build(changes);
    await project.runs(1);
    const others = [...(await joiner(project, changes)), ...(await joiner(project, changes))];
    project.open();
    const results = await Promise.all([first, ...others]);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(await project.runs()).toHaveLength(1);
    // Asked for afterwards, a forced one is made again.
    expect((await project.build(changes)).unchanged).toBe(!changes.force);
  });

  test('is not for one who asks after a source was edited: he gets one of the new source', async () => {
    const first = project.build(changes);
    await project.runs(1);
    await project.write({ 'src/in.txt': 'edited' });
    const [second] = await joiner(project, changes);
    project.open();
    const old = await first;
    const edited = await second;
    expect(await bundleOf()).toBe('EDITED');
    expect(edited?.index.digest).not.toBe(old.index.digest);
    expect(await project.runs()).toHaveLength(2);
  });

  test('that fails, fails for those who wait; not for one who asks after the fault was mended', async () => {
    await project.write({ 'src/in.txt': 'broken' });
    const first = project.build(changes);
    first.catch(() => undefined);
    await project.runs(1);
    const [fellow] = await joiner(project, changes);
    await project.write({ 'src/in.txt': 'mended' });
    const [late] = await joiner(project, changes);
    project.open();
    const failure = { code: 'BUNDLE_FAILED', message: expect.stringContaining('it is broken'), details: { code: 1 } };
    await expect(first).rejects.toMatchObject(failure);
    // His sources changed while he waited: he looks for himself, and finds that all is well.
    expect((await Promise.all([fellow, late])).map((result) => result?.unchanged)).toEqual([false, false]);
    expect(await bundleOf()).toBe('MENDED');
    expect(await project.runs()).toHaveLength(2);
  });
});

test('an error is shared with those who wait, and the next call starts afresh', async () => {
  await project.write({ 'src/in.txt': 'broken' });
  const first = project.build();
  first.catch(() => undefined);
  await project.runs(1);
  const others = [...(await joiner(project)), ...(await joiner(project))];
  project.open();
  for (const one of [first, ...others]) {
    await expect(one).rejects.toMatchObject({ code: 'BUNDLE_FAILED', hint: expect.stringContaining('by hand') });
  }
  expect(await project.runs()).toHaveLength(1);
  await expect(project.build()).rejects.toMatchObject({ code: 'BUNDLE_FAILED' });
  expect(await project.runs()).toHaveLength(2);
});

test('a caller who leaves returns at once, and the build lands', async () => {
  const leaving = new AbortController();
  const first = project.build({}, { signal: leaving.signal });
  await project.runs(1);
  leaving.abort();
  await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const [second] = await joiner(project);
  project.open();
  expect((await second)?.unchanged).toBe(false);
  expect(await project.runs()).toHaveLength(1);
});

test('the end of the process ends the build', async () => {
  const going = new AbortController();
  const first = project.build({}, { signal: going.signal, shutdown: going.signal });
  const [pid = 0] = await project.runs(1);
  going.abort();
  await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('builds that ask for different things are made one after the other', async () => {
  project.open();
  const [plain, release] = await Promise.all([project.build(), project.build({ release: '1.2.3' })]);
  expect(plain.index.digest).not.toBe(release.index.digest);
  expect(await project.runs()).toHaveLength(2);
});

describe('eight processes', () => {
  const start = (signal?: AbortSignal) =>
    runNode(CHILD, [project.dir, project.io.cacheDir, '022'], { ...(signal === undefined ? {} : { signal }) });

  test('make one build', async () => {
    const all = Array.from({ length: 8 }, () => start());
    await project.runs(1);
    project.open();
    const ends = await Promise.all(all);
    expect(ends.map(({ code, stderr }) => [code, stderr.toString()])).toEqual(Array(8).fill([0, '']));
    const results = ends.map(({ stdout }) => JSON.parse(stdout.toString()) as BuildResult);
    expect(new Set(results.map(({ index }) => index.digest)).size).toBe(1);
    expect(await project.runs()).toHaveLength(1);
    expect(readdirSync(join(project.io.cacheDir, 'v1/flights'))).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'the killed one’s bundle command is gone before the next one’s begins',
    async () => {
      // Says when it meets a living one of before.
      const meet = `
      import { readFileSync } from 'node:fs';
      for (const pid of (existsSync('dist/runs') ? readFileSync('dist/runs', 'utf8') : '').split('\\n').filter(Boolean)) {
        let state = 'Z';
        try { state = /[)] (.)/.exec(readFileSync('/proc/' + pid + '/stat', 'latin1'))[1]; } catch {}
        if (state !== 'Z') appendFileSync('dist/met', pid + state);
      }`;
      const [imports = '', ...rest] = MAKE.trim().split('\n');
      await project.write({ 'make.mjs': [imports.replace('readFileSync, ', ''), meet, ...rest].join('\n') });
      const killed = new AbortController();
      const first = start(killed.signal);
      first.catch(() => undefined);
      const [pid = 0] = await project.runs(1);
      const second = start();
      killed.abort();
      await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
      const [, next = 0] = await project.runs(2);
      expect(next).not.toBe(pid);
      expect(existsSync(join(project.dir, 'dist/met'))).toBe(false);
      project.open();
      expect((await second).code).toBe(0);
    },
  );
});

// What `current` means for sharing: the archive is asked by the build that is under way, once.
needs('apt', 'gpg')('a build that must be made each time is shared while it is made', async () => {
  const archive = await makeArchive(temporaryDirectory('archive'));
  try {
    await archive.publish([{ name: 'libc6', version: '1', files: { 'lib/libc.so.6': 'one' } }]);
    project = await gated({
      platforms: ['linux/amd64'],
      layers: [
        { debian: ['libc6'], resolve: 'current' },
        { from: 'dist/bundle', to: '/app' },
      ],
    });
    const env = { ...project.io.env, ...archive.env };
    const first = project.build({}, { env });
    await project.runs(1);
    const events: ProgressEvent[] = [];
    const second = project.build({}, { env, emit: (event) => events.push(event) });
    while (!events.some(({ label }) => label?.includes('waiting'))) await sleep(5);
    project.open();
    expect(JSON.stringify(await second)).toBe(JSON.stringify(await first));
    expect(await project.runs()).toHaveLength(1);
    expect(unchangedBuild(project.dir, buildOptions(), { ...project.io, env })).toBeUndefined();
    expect((await project.build({}, { env })).unchanged).toBe(false);
  } finally {
    await archive.close();
  }
});

describe('whose outcome holds', () => {
  const index = { mediaType: MEDIA_TYPES.index, digest: sha256('index'), size: 1 };
  const result: BuildResult = { index, platforms: [], layout: '/', statement: '/', unchanged: false, timings: {} };

  /** A build in another hand: `make` of the first is steered by the test. */
  async function pair(first: MakeBuild, second: MakeBuild) {
    const loaded = await project.load();
    const share = (make: MakeBuild, emit: ImageIo['emit']) =>
      shareBuild(loaded, buildOptions(), { ...project.io, emit }, make);
    let onBegin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      onBegin = resolve;
    });
    const one = share(
      async (...args) => {
        onBegin();
        return await first(...args);
      },
      () => undefined,
    );
    one.catch(() => undefined);
    await begun;
    let onWait: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      onWait = resolve;
    });
    const two = share(second, () => onWait());
    two.catch(() => undefined);
    await waiting;
    return { one, two };
  }
  const door = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open: () => open(), opened };
  };
  const own: MakeBuild = async () => ({ result: { ...result, layout: 'own' }, inputs: undefined });

  test('of a build that began to read after it was asked for, whatever is known of its inputs', async () => {
    const { open, opened } = door();
    const { one, two } = await pair(async (_, onStart) => {
      await opened;
      onStart();
      return { result, inputs: undefined };
    }, own);
    open();
    expect(await Promise.all([one, two])).toEqual([result, result]);
  });

  test('not of one that had begun and does not know what it read', async () => {
    const { open, opened } = door();
    const { one, two } = await pair(async (_, onStart) => {
      onStart();
      await opened;
      return { result, inputs: undefined };
    }, own);
    open();
    expect((await Promise.all([one, two])).map(({ layout }) => layout)).toEqual(['/', 'own']);
  });

  test('an error holds by the first rule alone, unless all that led to it is known', async () => {
    const { open, opened } = door();
    const failing: MakeBuild = async (_, onStart) => {
      onStart();
      await opened;
      throw new BatonError('LAYER_SOURCE_MISSING', 'files/x is missing');
    };
    const late = await pair(failing, own);
    open();
    await expect(late.one).rejects.toMatchObject({ code: 'LAYER_SOURCE_MISSING' });
    expect((await late.two).layout).toBe('own');
  });

  test('of one that found nothing to do, when he finds the same', async () => {
    project.open();
    const built = await project.build();
    const { open, opened } = door();
    const unchanged: MakeBuild = async (_, onStart) => {
      onStart();
      await opened;
      return { result: { ...built, unchanged: true }, inputs: undefined };
    };
    const same = await pair(unchanged, own);
    open();
    expect((await same.two).index).toEqual(built.index);
    const again = door();
    const other = await pair(async (_, onStart) => {
      onStart();
      await again.opened;
      return { result: { ...built, unchanged: true }, inputs: undefined };
    }, own);
    rmSync(buildStamp(project.dir.concat('/agent.yaml'), buildOptions(), project.io));
    appendFileSync(join(project.dir, 'src/in.txt'), 'more');
    again.open();
    expect((await other.two).layout).toBe('own');
  });
});
