// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose files
import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCompose, readCompose } from './compose-file.ts';
import { normalPath, readShortMount, splitOutside, withDefaults } from './compose-mount.ts';
import { chooseServices, isOfRepository } from './compose-services.ts';

const FILE = `
x-common: &common
  image: ghcr.io/acme/agent:\${TAG:-latest}
  labels: { dev.baton.volume-lint: "/etc/agent, /run/x" }
  volumes: &mounts
    - data:/data
services:
  one:
    <<: *common
    tmpfs: /tmp
  two:
    build: .
    x-baton: { volume-lint: ignore }
    volumes:
      - ./conf:/etc/agent:ro
      - /cache
      - type: bind
        source: /var/run/docker.sock
        target: /var/run/docker.sock
        x-baton: { volume-lint: ignore }
  three:
    <<: [*common]
    image: other
    volumes: *mounts
    extends: { service: one }
`;

function message(text: string): string {
  try {
    parseCompose(text, 'c.yaml');
    return 'nothing was wrong';
  } catch (error) {
    expect(error).toBeInstanceOf(BatonError);
    expect((error as BatonError).code).toBe('COMPOSE_INVALID');
    return (error as BatonError).message;
  }
}

describe('parseCompose', () => {
  test('reads image, mounts and annotations, through anchors and merges, with lines', () => {
    const [one, two, three] = parseCompose(FILE, 'c.yaml');
    const common = { readOnly: false, ignored: false };
    expect(one).toEqual({
      name: 'one',
      image: 'ghcr.io/acme/agent:${TAG:-latest}',
      mounts: [
        { ...common, target: '/data', source: 'data', kind: 'volume', line: 6 },
        { ...common, target: '/tmp', source: undefined, kind: 'tmpfs', line: 10 },
      ],
      elsewhere: undefined,
      ignored: ['/etc/agent', '/run/x'],
      line: 8,
    });
    expect(two).toMatchObject({
      image: undefined,
      ignored: 'all',
      mounts: [
        { target: '/etc/agent', source: './conf', kind: 'bind', readOnly: true, line: 15 },
        { target: '/cache', source: undefined, kind: 'volume', line: 16 },
        { target: '/var/run/docker.sock', kind: 'bind', ignored: true, line: 17 },
      ],
    });
    expect(three).toMatchObject({ image: 'other', elsewhere: 'extends', mounts: [{ target: '/data' }] });
  });

  test.each([
    ['services: [', /^c\.yaml:1: /],
    ['a: 1', 'c.yaml:1: expected a mapping "services"'],
    ['services:\n  a: 7', 'c.yaml:2: expected the service "a" to be a mapping'],
    ['services:\n  a:\n    volumes: data:/data', 'c.yaml:3: expected the volumes of "a" to be a list'],
    ['services:\n  a:\n    volumes:\n      - ok:/x\n      - nonsense', /^c\.yaml:5: expected a volume of "a" like/],
    ['services:\n  a:\n    volumes: [{ source: x }]', /^c\.yaml:3: expected a volume of "a" like/],
    ['services:\n  a:\n    image: [x]', 'c.yaml:2: expected the image of "a" to be text'],
    ['services:\n  a:\n    x-baton: { volume-lint: maybe }', /^c\.yaml:2: expected volume-lint of "a" to be the word/],
    ['services:\n  a: {}\n  a: {}', /^c\.yaml:3: /],
    [`services: ${'['.repeat(200_000)}`, /^c\.yaml:1: /],
  ])('%#: what is wrong has its line', (text, expected) => {
    const found = message(text);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toBe(expected);
  });

  test('merges of themselves and aliases without end do no harm', () => {
    parseCompose('services:\n  a: &a\n    <<: *a\n', 'c.yaml');
    const bomb = Array.from({ length: 30 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(9)}*x${i}]`).join(
      '\n',
    );
    expect(message(`x0: &x0 [y]\n${bomb}\nservices:\n  a:\n    labels: *x30\n`)).toMatch(/^c\.yaml:1: .*alias/i);
  });

  test('any text is read or refused', () => {
    const word = fc.constantFrom(
      'services:',
      '\n',
      '  ',
      'a:',
      '- ',
      'volumes:',
      '&a ',
      '*a',
      '<<: ',
      '{',
      '}',
      'x:/y',
      '${',
      ':',
      '"',
      '!!x ',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        try {
          parseCompose(words.join(''), 'c.yaml');
        } catch (error) {
          expect(error).toMatchObject({ code: 'COMPOSE_INVALID' });
        }
      }),
    );
  });

  test('a file that is not there is named', async () => {
    await expect(readCompose('/nowhere/c.yaml', 'c.yaml')).rejects.toMatchObject({
      code: 'COMPOSE_INVALID',
      message: 'the compose file c.yaml cannot be read: it does not exist',
    });
  });
});

describe('mounts and variables', () => {
  test.each([
    ['/data', undefined, '/data'],
    ['data:/data', 'data', '/data'],
    ['${DIR:-/srv/a:b}:/data:ro', '${DIR:-/srv/a:b}', '/data'],
    ['data:${TARGET:-/data}', 'data', '${TARGET:-/data}'],
  ])('%s', (text, source, target) => {
    expect(readShortMount(text, 1)).toMatchObject({ source, target });
  });

  test.each([['data:data'], [''], ['a:/b:c:d'], [':/x'], ['x']])('%s is no mount', (text) => {
    expect(readShortMount(text, 1)).toBeUndefined();
  });

  test.each([
    ['/data/', '/data'],
    ['//data/./x/../', '/data'],
    ['/..', '/'],
    ['${D:-/data}/x', '/data/x'],
    ['${D:-${E-/e}}', '/e'],
    ['/a$$b', '/a$b'],
    ['${D}/x', undefined],
    ['$D', undefined],
    ['${D:?must be set}', undefined],
  ])('the path %s is %s', (text, expected) => {
    expect(normalPath(text)).toBe(expected);
  });

  test('splitting keeps variables whole and loses nothing', () => {
    const piece = fc.constantFrom('a', ':', '$$', '${X:-y:z}', '$V', '/', '${A:-${B:-c:d}}');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const parts = splitOutside(text, ':');
        expect(parts.join(':')).toBe(text);
        expect(parts).toHaveLength(1 + pieces.filter((one) => one === ':').length);
      }),
    );
  });

  test('text of brackets without end costs nothing', () => {
    expect(withDefaults('${A:-'.repeat(100_000))).toBe('${A:-'.repeat(100_000));
  });
});

describe('services of an image', () => {
  test.each([
    ['ghcr.io/acme/agent', true],
    ['ghcr.io/acme/agent:1.0', true],
    ['ghcr.io/acme/agent:${TAG:?x}@sha256:${D}', true],
    ['${REGISTRY:-ghcr.io}/acme/agent:${TAG}', true],
    ['${REGISTRY}/acme/agent', true],
    ['ghcr.io/${NAME:-acme/agent}', true],
    ['ghcr.io/acme/agent-two', false],
    ['localhost:5000/acme/agent', false],
    ['${IMAGE}', false],
    ['${A}${B}${C}${D}${E}/agent', false],
    ['Not A Name', false],
  ])('%s', (image, expected) => {
    expect(isOfRepository(image, 'ghcr.io/acme/agent')).toBe(expected);
  });

  test('short names of the hub are the long ones', () => {
    expect(isOfRepository('agent:1', 'docker.io/library/agent')).toBe(true);
    expect(isOfRepository('acme/agent:${T}', 'docker.io/acme/agent')).toBe(true);
    expect(isOfRepository('${WHO}/agent', 'docker.io/acme/agent')).toBe(true);
  });

  test('are found by name as well, and a file without one says what it has', () => {
    const file = { name: 'c.yaml', bytes: Buffer.alloc(0), services: parseCompose(FILE, 'c.yaml') };
    const names = (repository: string | undefined, services?: string[]) =>
      chooseServices(file, repository, services).map(({ name }) => name);
    expect(names('ghcr.io/acme/agent')).toEqual(['one']);
    expect(names(undefined, ['two'])).toEqual(['two']);
    expect(() => names('ghcr.io/acme/else')).toThrow(
      'c.yaml: expected a service that runs ghcr.io/acme/else, found one (ghcr.io/acme/agent:${TAG:-latest}), two (built), three (other)',
    );
    expect(() => names('x', ['four'])).toThrow('c.yaml: expected a service "four", found one, two, three');
  });
});
