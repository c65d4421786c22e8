// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose files
import { describe, expect, test } from 'vitest';
import { parseCompose } from './compose-file.ts';
import { notPassed, type TestFiles, treeOf } from './verify.fixture.ts';
import { lintVolumes } from './volume-lint.ts';

async function lint(
  volumes: string[],
  service: string | undefined,
  files: TestFiles = {},
  listed?: string[],
): Promise<string[]> {
  const text = service === undefined ? undefined : `services:\n  a:\n    image: x\n${service.replace(/^/gm, '    ')}\n`;
  const services = text === undefined ? [] : parseCompose(text, 'c.yaml');
  const compose =
    text === undefined ? undefined : { file: { name: 'c.yaml', bytes: Buffer.from(text), services }, services };
  return notPassed(lintVolumes({ volumes, listed, tree: await treeOf(files), compose }));
}

describe('L1: each declared volume has one mount', () => {
  test.each([
    ['a named volume', 'volumes: [data:/data]'],
    ['another spelling of the path', 'volumes: [data:/data/]'],
    ['a bind', 'volumes: [./data:/data]'],
    ['a tmpfs', 'tmpfs: [/data]'],
    ['the long form', 'volumes: [{ type: volume, source: data, target: /data }]'],
    ['a default of a variable', 'volumes: ["data:${X:-/data}"]'],
    ['ignored as a whole', 'labels: [dev.baton.volume-lint=ignore]'],
  ])('%s will do', async (_title, service) => {
    expect((await lint(['/data'], service)).filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test.each([
    [
      'no mount',
      'command: x',
      /^failed volume-l1: c\.yaml:2: "a" has no mount at \/data, which the image declares: the engine makes an anonymous volume$/,
    ],
    ['one above', 'volumes: [d:/]', /; it mounts \/, which is above it$/],
    ['one below', 'volumes: [d:/data/x]', /; it mounts \/data\/x, which is below it$/],
    ['a name that only begins alike', 'volumes: [d:/database]', /an anonymous volume$/],
    [
      'an anonymous volume',
      'volumes: [/data]',
      /^failed volume-l1: c\.yaml:4: "a" mounts an anonymous volume at \/data: give it a name$/,
    ],
    [
      'two mounts',
      'volumes: [d:/data, e:/data/]',
      /^failed volume-l1: c\.yaml:2: "a" mounts \/data 2 times \(line 4, 4\)$/,
    ],
  ])('%s is an error', async (_title, service, expected) => {
    const failed = (await lint(['/data/'], service)).filter((line) => line.startsWith('failed'));
    expect(failed).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ['extends', 'extends: { service: b }', 'extends may bring one'],
    ['volumes_from', 'volumes_from: [b]', 'volumes_from may bring one'],
    ['a variable', 'volumes: ["d:${X}"]', 'the variable in "${X}" may bring one'],
  ])('%s leaves it pending', async (_title, service, why) => {
    expect(await lint(['/data'], service)).toEqual([
      `pending volume-l1: c.yaml:2: "a" has no mount at /data that can be seen here: ${why}`,
    ]);
  });

  test('what is passed over is noted', async () => {
    expect(await lint(['/data', '/log'], 'labels: { dev.baton.volume-lint: /log }\nvolumes: [d:/data]')).toEqual([
      'noted volume-l1: c.yaml:2: /log is passed over, as an annotation says',
    ]);
  });
});

test('L2: persistent data that is mounted and not declared is noted; the rest is not', async () => {
  const service = `volumes:
  - d:/data
  - ./conf:/etc/agent:ro
  - /var/run/docker.sock:/var/run/docker.sock
  - { type: bind, source: ./x, target: /x, x-baton: { volume-lint: ignore } }
  - { type: tmpfs, target: /scratch }
  - ./state:/state`;
  expect(await lint([], service)).toEqual([
    'noted volume-l2: c.yaml:5: "a" mounts /data, which the image does not declare as a volume',
    'noted volume-l2: c.yaml:10: "a" mounts /state, which the image does not declare as a volume',
  ]);
});

test('L3: what the base declares counts, and is told apart from what agent.yaml lists', async () => {
  expect(await lint(['/data', '/old'], 'volumes: [d:/data]', {}, ['/data/'])).toEqual([
    expect.stringMatching(/^failed volume-l1: .* no mount at \/old/),
    'noted volume-l3: /old is declared by the base, not by agent.yaml',
  ]);
});

describe('L4: files of the image at a volume', () => {
  const why = 'a volume keeps the files it first got, and hides those of later images';

  test('are an error with a compose file, and noted without one', async () => {
    const files = { data: null, 'data/a/one': 'x', 'data/two': 'y', database: 'z' };
    const sentence = `the image ships files at the volume /data (/data/a/one and 1 more): ${why}`;
    expect(await lint(['/data/'], 'volumes: [d:/data]', files)).toEqual([`failed volume-l4: ${sentence}`]);
    expect(await lint(['/data'], undefined, files)).toEqual([`noted volume-l4: ${sentence}`]);
  });

  test('are found through a link, and directories alone are none', async () => {
    const files = { data: { link: 'srv/data' }, 'srv/data/x': 'x', empty: null, 'empty/below': null };
    expect(await lint(['/data', '/empty'], undefined, files)).toEqual([
      `noted volume-l4: the image ships files at the volume /data (/srv/data/x): ${why}`,
    ]);
  });
});
