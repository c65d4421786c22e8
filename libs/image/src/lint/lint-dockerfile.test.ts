// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Dockerfiles
import { describe, expect, test } from 'vitest';
import { found, inStage, lint, PINNED } from './test-lint.ts';

const HEX = 'b'.repeat(64);
const END = 'ENTRYPOINT ["/agent"]\n';

test('a good file has no findings', () => {
  expect(
    lint(
      `# syntax=docker/dockerfile:1\nARG VERSION=1\nFROM ${PINNED} AS build\nARG VERSION\nRUN make VERSION=$VERSION\n` +
        `FROM ${PINNED}\nCOPY --from=build --chmod=755 /out/agent /agent\nUSER 10:10\nWORKDIR /var/lib/agent\n${END}`,
      { user: '10:10', entrypoint: ['/agent'], ignoreFile: false, platforms: ['linux/amd64', 'linux/arm64'] },
    ),
  ).toEqual({ file: 'Dockerfile', findings: [], allowed: [], errors: 0, warnings: 0 });
});

describe('bases', () => {
  test.each([
    ['FROM node', '1:6 base-latest'],
    ['FROM node:latest', '1:6 base-latest'],
    ['FROM host:5000/team/node', '1:6 base-latest'],
    ['ARG BASE=node\nFROM $BASE', '2:6 base-latest'],
    ['FROM node:24.1', '1:6 base-unpinned'],
    ['ARG TAG=24\nFROM node:${TAG}', '2:6 base-unpinned'],
    ['ARG BASE\nFROM ${BASE}', '2:6 base-unpinned'],
    [`FROM ${PINNED}\nCOPY --from=busybox:1.36 /bin/sh /bin/`, '2:6 base-unpinned'],
    [`FROM ${PINNED}\nRUN --mount=type=bind,from=team/tools,target=/t ls /t`, '2:5 base-latest'],
    [`FROM node:latest@sha256:${HEX}`, undefined],
    [`ARG BASE=node:1@sha256:${HEX}\nFROM \${BASE}`, undefined],
    ['FROM scratch', undefined],
    [`FROM ${PINNED} AS a\nFROM a`, undefined],
    [`FROM ${PINNED} AS a\nFROM scratch\nCOPY --from=a /x /x\nCOPY --from=0 /y /y`, undefined],
    [`ARG BASE=node\nFROM \${BASE:-x}@sha256:${HEX}`, undefined],
  ])('%j', (text, expected) => {
    expect(found(`${text}\n${END}`)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('what the caller passes counts more than the default', () => {
    expect(found(`ARG BASE=node\nFROM $BASE\n${END}`, { args: { BASE: PINNED } })).toEqual([]);
    expect(found(`ARG BASE=${PINNED}\nFROM $BASE\n${END}`, { args: { BASE: 'node' } })).toEqual(['2:6 base-latest']);
  });

  test.each([
    ['linux/amd64', ['linux/amd64', 'linux/arm64'], true],
    ['linux/amd64', ['linux/arm64'], true],
    ['$BUILDPLATFORM', ['linux/amd64', 'linux/arm64'], true],
    ['linux/amd64', ['linux/amd64'], false],
    ['$TARGETPLATFORM', ['linux/amd64', 'linux/arm64'], false],
    ['linux/amd64', undefined, false],
  ])('FROM --platform=%s of an image for %j', (platform, platforms, bad) => {
    const text = `FROM --platform=${platform} ${PINNED}\n${END}`;
    expect(found(text, { platforms })).toEqual(bad ? ['1:6 base-platform'] : []);
  });

  test('a stage that only builds may fix its platform', () => {
    const text = `FROM --platform=$BUILDPLATFORM ${PINNED} AS b\nFROM scratch\nCOPY --from=b /a /a\n${END}`;
    expect(found(text, { platforms: ['linux/amd64', 'linux/arm64'] })).toEqual([]);
  });
});

describe('stages and instructions', () => {
  test.each([
    [`FROM ${PINNED}\nCOPPY a b`, '2:1 instruction-invalid'],
    [`ENV A=1\nFROM ${PINNED}`, '1:1 instruction-invalid'],
    [`FROM ${PINNED}\nUSER`, '2:1 instruction-invalid'],
    [`FROM ${PINNED}\nONBUILD COPPY a b`, '2:9 instruction-invalid'],
    ['FROM scratch AS a\nFROM scratch AS A\nCOPY --from=a /x /x', '2:17 stage-duplicate'],
    ['FROM scratch AS a\nFROM scratch', '1:17 stage-unused'],
    ['FROM scratch\nFROM scratch', '1:1 stage-unused'],
    [
      `FROM ${PINNED} AS a\nFROM scratch AS b\nFROM scratch\nRUN --mount=from=a,target=/a x\nCOPY --from=1 /x /x`,
      undefined,
    ],
  ])('%j', (text, expected) => {
    const codes = found(`${text}\n${END}`).filter(
      (each) => expected?.includes('duplicate') !== true || !each.includes('unused'),
    );
    expect(codes).toEqual(expected === undefined ? [] : [expected]);
  });

  test('the stage to build decides what is unused, and which settings count', () => {
    const text = `FROM scratch AS a\nUSER 5\n${END}FROM scratch AS b\n${END}`;
    expect(found(text, { target: 'a', user: '5' })).toEqual([]);
    expect(found(text, { target: 'B', user: '5' })).toEqual(['1:17 stage-unused', '4:1 user-differs']);
  });

  test.each([
    ['ARG V=1\nFROM scratch\nENV X=$V', '3:7 arg-undefined'],
    ['ARG V=1\nFROM scratch\nRUN curl /v${V}', '3:12 arg-undefined'],
    ['FROM scratch\nRUN echo $V\nARG V', '2:10 arg-undefined'],
    [`FROM $B`, '1:6 arg-undefined'],
    ['ARG V=1\nFROM scratch\nRUN V=2; echo $V', undefined],
    ['ARG V=1\nFROM scratch\nRUN for V in 1 2; do echo $V; done', undefined],
    ['ARG V=1\nFROM scratch\nRUN echo ${V:-2} \\$V', undefined],
    ['FROM scratch\nENV PATH=/x:$PATH\nRUN echo $HOME', undefined],
    ['ARG V=1\nFROM scratch AS a\nARG V\nFROM a\nRUN echo $V', undefined],
  ])('%j', (text, expected) => {
    expect(found(`${text}\n${END}`).filter((each) => !each.includes('base-'))).toEqual(
      expected === undefined ? [] : [expected],
    );
  });
});

describe('secrets', () => {
  const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
  test.each([
    'ARG NPM_TOKEN',
    'ARG db_password=abcdef',
    'ENV API_KEY abcdef',
    'ENV A=1 AWS_SECRET_ACCESS_KEY="abc def"',
    'ENV BASIC_AUTH=abcdef',
    `RUN curl -H "x: ${TOKEN}" https://example.com -o /x`,
    `LABEL note=${TOKEN}`,
    `# ${TOKEN}`,
    'ENV URL=https://user:abcdef@example.com/',
    'RUN NPM_TOKEN=abcdef npm install',
    'RUN --mount=type=cache,target=/x DB_PASSWORD="abc def" make',
    'RUN echo "-----BEGIN RSA PRIVATE KEY-----\\\nabc\\\n-----END RSA PRIVATE KEY-----" > /k',
  ])('found: %j', (line) => {
    const report = lint(`FROM ${PINNED}\n${line}\n${END}`);
    expect(report.findings.map(({ code }) => code)).toEqual(['secret-in-image']);
    expect(JSON.stringify(report)).not.toMatch(/abcdef|abc def|ghp_a1|\\\\nabc/);
  });

  test.each([
    'ENV TOKEN_FILE=/run/secrets/token',
    'ENV PASSWORD_MIN_LENGTH=12 TOKENIZER=fast SECRET=',
    'ENV API_TOKEN=/run/secrets/api',
    'ENV AUTH=true KEY=value',
    'ENV URL=https://user@example.com:8080/ OTHER=https://example.com:8080/a@b',
    'LABEL secret=none',
    '# docker build --build-arg TOKEN=abcdef',
    'RUN --mount=type=secret,id=npm NPM_TOKEN=$(cat /run/secrets/npm) npm install',
    'RUN API_KEY=$KEY make',
  ])('not found: %j', (line) => {
    expect(inStage(line)).toEqual([]);
  });

  test('the value is shown nowhere, also not by another finding in its line', () => {
    const report = lint(`ARG V\nFROM ${PINNED}\nENV DB_PASSWORD=hunter2hunter2 X=$V\n${END}`);
    expect(report.findings.map(({ code, column }) => `${code} ${column}`)).toEqual([
      'secret-in-image 5',
      'arg-undefined 34',
    ]);
    expect(report.findings[1]).toMatchObject({ excerpt: 'ENV DB_PASSWORD=*** X=$V', mark: { start: 22, length: 2 } });
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });
});

describe('user and start', () => {
  test.each([
    ['USER 0', '0:0', true],
    ['USER root', '0:0', true],
    ['USER 10:10', '10:10', true],
    ['ARG U=10\nUSER $U:10', '10:10', true],
    ['USER 10:10\nUSER agent', '10:10', false],
    ['RUN id', '10:10', false],
    ['ONBUILD USER 10:10', '10:10', false],
  ])('%j as %s', (line, user, good) => {
    expect(inStage(line, { user })).toEqual(good ? [] : ['user-differs']);
  });

  test('on scratch nobody but root needs no USER', () => {
    expect(found(`FROM scratch\n${END}`, { user: '0:0' })).toEqual([]);
    expect(found(`FROM scratch\n${END}`, { user: '1' })).toEqual(['1:1 user-differs']);
  });

  test.each([
    ['ENTRYPOINT /agent --x', '2:1 start-shell-form'],
    ["ENTRYPOINT ['/agent']", '2:1 start-shell-form'],
    ['ENTRYPOINT ["/agent",]', '2:1 start-shell-form'],
    ['ENTRYPOINT ["/bin/sh", "-ec", "/agent"]', '2:1 start-shell-form'],
    ['CMD /agent', '2:1 start-shell-form'],
    ['ENTRYPOINT exec /agent', undefined],
    ['ENTRYPOINT ["sh", "-c", "exec /agent"]', undefined],
    ['ENTRYPOINT [ "/agent", \\\n  "a b" ]', undefined],
    ['HEALTHCHECK CMD curl localhost\nCMD ["/agent"]', undefined],
    ['RUN true', '1:1 start-missing'],
    ['ENTRYPOINT ["/a"]\nENTRYPOINT ["/b"]', '2:1 start-repeated'],
    ['CMD ["/a"]\nENTRYPOINT ["/b"]\nCMD ["/c"]', '2:1 start-repeated'],
  ])('%j', (lines, expected) => {
    expect(found(`FROM ${PINNED}\n${lines}\n`)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('what agent.yaml says must be what is started', () => {
    const text = `FROM ${PINNED} AS a\nENTRYPOINT ["/a"]\nCMD ["x"]\nFROM a\n`;
    expect(found(text, { entrypoint: ['/a'], cmd: ['x'] })).toEqual([]);
    expect(found(text, { entrypoint: ['/b'] })).toEqual(['2:1 start-differs']);
    expect(found(`${text}ENTRYPOINT ["/a"]\n`, { cmd: ['x'] })).toEqual(['4:1 start-differs']);
    expect(found(`${text}ENTRYPOINT ["/b"]\nCMD ["y"]\n`, { entrypoint: ['/b'], cmd: ['y'] })).toEqual([]);
    expect(found(`FROM ${PINNED}\n`, { entrypoint: ['/a'] })).toEqual(['1:1 start-differs']);
  });
});

test('ENV, WORKDIR and VOLUME must be what agent.yaml says', () => {
  const facts = { env: { MODE: 'fast', OWN: 'a b' }, workdir: '/srv/app', volumes: ['/data', '/x y'] };
  const good = 'ENV MODE=slow\nENV MODE=fast OWN="a b"\nWORKDIR /srv\nWORKDIR app\nVOLUME ["/data", "/x y"]';
  expect(inStage(good, facts)).toEqual([]);
  expect(inStage('RUN true', facts)).toEqual(Array.from({ length: 5 }, () => 'settings-differ'));
  const other = 'ENV MODE=slow OWN="a b"\nWORKDIR /srv/ap\nVOLUME ["/data", "/x"]';
  expect(found(`FROM ${PINNED}\n${other}\n${END}`, facts)).toEqual([
    '1:1 settings-differ',
    '2:5 settings-differ',
    '3:1 settings-differ',
  ]);
});

describe('files', () => {
  test.each([
    ['ADD https://example.com/x /x', ['add-url']],
    ['ADD git@example.com:a/b.git /x', ['add-url']],
    ['ONBUILD ADD https://example.com/x /x', ['add-url']],
    ['ADD --checksum=sha256:abc https://example.com/x /x', []],
    ['ADD a b /x/', ['add-local']],
    ['ADD ["a b", "/x/"]', ['add-local']],
    ['ADD rootfs.tar.xz /', []],
    ['ADD $FILE /', []],
    ['COPY https://example.com/x /x', []],
    ['WORKDIR app', ['workdir-relative']],
    ['WORKDIR /app\nWORKDIR sub', []],
    ['WORKDIR "/a b"', []],
    ['WORKDIR $HOME/x', []],
    ['MAINTAINER me', ['maintainer-old']],
  ])('%j', (lines, expected) => {
    expect(inStage(lines)).toEqual(expected);
  });

  test.each([
    'COPY . /app',
    'COPY --chown=1 ./ .',
    'COPY ["*", "/app/"]',
    'ADD . /app',
  ])('%j without .dockerignore', (line) => {
    expect(inStage(line, { ignoreFile: false })).toContain('copy-all');
    expect(inStage(line, { ignoreFile: true })).not.toContain('copy-all');
    expect(inStage(line)).not.toContain('copy-all');
  });

  test.each([
    ['VOLUME /data\nRUN touch /data/x', true],
    ['VOLUME ["/a b", "/data/"]\nCOPY x /data/', true],
    ['ARG D=/data\nVOLUME $D\nCOPY x $D/x', true],
    ['VOLUME /data\nRUN chown 1 "/data"', true],
    ['VOLUME /data\nRUN <<E\nmkdir -p /data/x\nE', true],
    ['RUN mkdir /data\nCOPY x /data/x\nVOLUME /data', false],
    ['VOLUME /data\nRUN touch /database /var/data/x', false],
    ['VOLUME /data\nCOPY x /database', false],
  ])('%j', (lines, lost) => {
    expect(inStage(lines)).toEqual(lost ? ['volume-write'] : []);
  });

  test('a volume is inherited by the stages on top', () => {
    expect(found(`FROM ${PINNED} AS a\nVOLUME /data\nFROM a\nRUN touch /data/x\n${END}`)).toEqual(['4:1 volume-write']);
  });
});

describe('steps', () => {
  const GOOD = 'apt-get update && apt-get install -y --no-install-recommends git';
  test.each([
    [`RUN ${GOOD} && rm -rf /var/lib/apt/lists/*`, []],
    [`RUN --mount=type=cache,target=/var/lib/apt --mount=type=cache,target=/var/cache/apt ${GOOD}`, []],
    [`RUN <<E\n${GOOD.replace(' && ', '\n')}\nrm -rf /var/lib/apt/lists/*\nE`, []],
    [`RUN ${GOOD}`, ['apt-lists']],
    ['RUN apt-get update -y', ['apt-update', 'apt-lists']],
    ['RUN apt-get -y install --no-install-recommends git', ['apt-update']],
    ['RUN apt-get install -y --no-install-recommends ./x.deb', []],
    ['RUN apt-get update && apt-get -qq -o A=b install git && rm -rf /var/lib/apt/lists/*', ['apt-recommends']],
    ['RUN curl -L https://example.com/i | sh', ['pipe-to-shell']],
    ['RUN wget -qO- https://example.com/i \\\n  | sudo /bin/bash -s -- -y', ['pipe-to-shell']],
    ['RUN bash -c "$(curl -fsSL https://example.com/i)"', ['pipe-to-shell']],
    ['RUN bash <(curl -s https://example.com/i)', ['pipe-to-shell']],
    ['RUN curl https://example.com/i | python3 -', ['pipe-to-shell']],
    ['RUN curl https://example.com/i | tar xz && sh x', []],
    ['RUN true && \\\n  # curl https://example.com/i | sh\n\n  echo', []],
    ['RUN curl -o /x https://example.com/i && echo "abc /x" | sha256sum -c && sh /x', []],
  ])('%j', (line, expected) => {
    expect(inStage(line)).toEqual(expected);
  });

  test('what only builds may be as large as it likes', () => {
    const text = `FROM ${PINNED} AS b\nRUN apt-get update && apt-get install -y git\nFROM scratch\nCOPY --from=b /a /a\n${END}`;
    expect(found(text)).toEqual([]);
  });
});
