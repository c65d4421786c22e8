// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of the dynamic loader
import { describe, expect, test } from 'vitest';
import { checkProgram } from './check-program.ts';
import { exitProgram, MACHINE, writeElf } from './elf.fixture.ts';
import { notPassed, type TestFiles, treeOf } from './verify.fixture.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const MUSL = '/lib/ld-musl-x86_64.so.1';
const loader = writeElf({ soname: 'ld-linux-x86-64.so.2' });
const GLIBC: TestFiles = {
  'lib64/ld-linux-x86-64.so.2': { link: '../usr/lib/ld.so' },
  'usr/lib/ld.so': loader,
  'usr/lib/x86_64-linux-gnu/libc.so.6': writeElf({ soname: 'libc.so.6', needed: ['ld-linux-x86-64.so.2'] }),
};

async function look(config: object, ...layers: TestFiles[]): Promise<string[]> {
  return notPassed(checkProgram(config, 'amd64', await treeOf(...layers)).checks);
}

const start = (path: string, more: object = {}) => ({ Entrypoint: [path], ...more });

describe('the way to the program', () => {
  test('a static program needs nothing else', async () => {
    const found = checkProgram(start('/bin/run'), 'amd64', await treeOf({ 'bin/run': exitProgram() }));
    expect(found.checks.map(({ id, result }) => `${id} ${result}`)).toEqual([
      'user passed',
      'entrypoint passed',
      'executable passed',
      'architecture passed',
      'libraries passed',
    ]);
    expect(found.program).toEqual(['/bin/run']);
  });

  test('a bare name is looked for in PATH of the image, past what may not be run', async () => {
    const files = { 'a/run': { mode: 0o644, content: exitProgram() }, 'b/run': exitProgram() };
    const config = start('run', { Env: ['PATH=/nowhere:/a:/b'] });
    expect(checkProgram(config, 'amd64', await treeOf(files)).program).toEqual(['/b/run']);
    expect(await look(start('run'), files)).toEqual([
      'failed entrypoint: expected the program "run", and it is in none of the directories of PATH (/usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin, /bin)',
    ]);
  });

  test('a relative one starts at the working directory', async () => {
    const found = checkProgram(
      start('./run', { WorkingDir: '/app' }),
      'amd64',
      await treeOf({ 'app/run': exitProgram() }),
    );
    expect(found.program).toEqual(['/app/run']);
  });

  test.each([
    [
      'a program that is not there',
      '/bin/run',
      {},
      'failed entrypoint: expected the program "/bin/run", and /bin does not exist',
    ],
    [
      'a link that leads nowhere',
      '/bin/run',
      { 'bin/run': { link: '/opt/x' } },
      'failed entrypoint: expected the program "/bin/run", and /opt does not exist, where /bin/run leads',
    ],
    ['a directory', '/bin', { bin: null }, 'failed executable: /bin is a directory'],
    [
      'text',
      '/bin/run',
      { 'bin/run': 'echo hello' },
      'failed architecture: expected /bin/run to be a program (ELF) or a script (#!), found neither',
    ],
    [
      'another architecture',
      '/bin/run',
      { 'bin/run': writeElf({ machine: MACHINE.arm64 }) },
      'failed architecture: expected /bin/run to be for amd64, found arm64',
    ],
    [
      'a program that nobody may run',
      '/bin/run',
      { 'bin/run': { mode: 0o644, content: exitProgram() } },
      'failed executable: /bin/run (mode 0644, owner 0:0) may not be executed by user 0, group 0',
    ],
  ] as [string, string, TestFiles, string][])('%s is named', async (_title, path, files, sentence) => {
    expect(await look(start(path), files)).toEqual([sentence]);
  });

  test('scripts lead to the program that starts them, through env as well', async () => {
    const files = {
      'app/main': '#!/usr/bin/env -S NODE_ENV=x node --flag\n',
      'usr/bin/env': exitProgram(),
      'usr/bin/node': exitProgram(),
      'app/other': '#! /app/main arg\n',
    };
    expect(checkProgram(start('/app/other'), 'amd64', await treeOf(files)).program).toEqual([
      '/app/other',
      '/app/main',
      '/usr/bin/node',
    ]);
  });

  test.each([
    [
      'without its interpreter',
      '#!/bin/sh\n',
      /^failed entrypoint: \/run is a script \(#!\/bin\/sh\): expected the program "\/bin\/sh", and /,
    ],
    ['with a line end of another system', '#!/bin/sh\r\n', /expected the program "\/bin\/sh\\r", and /],
    ['that starts itself', '#!/run\n', /scripts start each other more than 5 times/],
  ])('a script %s is named', async (_title, text, sentence) => {
    const [found, ...more] = await look(start('/run'), { run: text });
    expect(found).toMatch(sentence);
    expect(more).toEqual([]);
  });

  test('shell form, no entrypoint, and arguments that are not there are noted', async () => {
    const files = { 'bin/sh': exitProgram() };
    expect(await look({ Entrypoint: ['/bin/sh', '-c', 'x'] }, files)).toEqual([
      'noted entrypoint-form: in shell form (/bin/sh -c): signals reach the shell and not the program',
    ]);
    expect(await look({ Cmd: ['/bin/sh'] }, files)).toEqual([
      'noted entrypoint-form: the image has no entrypoint, only a command',
    ]);
    expect(await look({}, files)).toEqual([
      'noted entrypoint-form: the image has no entrypoint, and no command: it cannot be started without one',
    ]);
    expect(await look({ Entrypoint: ['/bin/sh', '/app/main.cjs'] }, files)).toEqual([
      'noted entrypoint-arguments: the entrypoint names /app/main.cjs, which is not in the image',
    ]);
  });
});

describe('the user', () => {
  const PASSWD = {
    'etc/passwd': 'root:x:0:0::/root:/bin/sh\nagent:x:1000:1000::/home/agent:/bin/sh\n',
    'etc/group': 'agent:x:1000:\nextra:x:50:agent\n',
  };

  test.each([
    ['agent', 0o700, 1000, 0, undefined],
    ['agent', 0o750, 0, 50, undefined],
    ['agent:50', 0o750, 0, 50, undefined],
    ['1000:1', 0o750, 0, 50, 'may not be executed by user 1000, group 1'],
    ['4711', 0o701, 1, 1, undefined],
    ['4711', 0o770, 1, 1, 'may not be executed by user 4711, group 0'],
    ['0', 0o001, 7, 7, undefined],
    ['nobody', 0o755, 0, 0, 'the user "nobody" is not in /etc/passwd of the image'],
    ['agent:staff', 0o755, 0, 0, 'the group "staff" is not in /etc/group of the image'],
    ['a:b:c', 0o755, 0, 0, '"a:b:c" is not user, uid'],
    ['4294967295', 0o755, 0, 0, 'is more than 4294967294'],
  ])('%s, with a program of mode %o, owner %i:%i', async (user, mode, uid, gid, wrong) => {
    const found = await look(start('/run', { User: user }), PASSWD, {
      run: { mode, uid, gid, content: exitProgram() },
    });
    if (wrong === undefined) expect(found).toEqual([]);
    else expect(found.join('\n')).toContain(wrong);
  });

  test('directories that the user may not enter are in the way', async () => {
    const files = { app: { type: 'directory' as const, mode: 0o700 }, 'app/run': exitProgram() };
    expect(await look(start('/app/run', { User: '1000' }), files)).toEqual([
      'failed executable: /app (mode 0700, owner 0:0) may not be entered by user 1000, group 0',
    ]);
    expect(await look(start('/app/run'), files)).toEqual([]);
  });
});

describe('loader and libraries', () => {
  const run = (spec: object) => ({ 'app/run': writeElf({ interpreter: LOADER, ...spec }) });

  test('a loader that is missing, no ELF, for another architecture, or of the other C library', async () => {
    expect(await look(start('/app/run'), run({}))).toEqual([
      `failed interpreter: /app/run wants the loader ${LOADER}, and /lib64 does not exist`,
    ]);
    expect(await look(start('/app/run'), run({}), { 'lib64/ld-linux-x86-64.so.2': 'text' })).toEqual([
      `failed interpreter: /app/run wants the loader ${LOADER}, and ${LOADER} is no ELF file`,
    ]);
    const foreign = { 'lib64/ld-linux-x86-64.so.2': writeElf({ machine: MACHINE.arm64 }) };
    expect((await look(start('/app/run'), run({}), foreign)).join()).toContain('is for arm64');
    const musl = await look(start('/app/run'), { 'app/run': writeElf({ interpreter: MUSL }) }, GLIBC);
    expect(musl.join()).toMatch(
      /: it was made for musl, and this image has glibc \(\/lib64\/ld-linux-x86-64\.so\.2\)$/,
    );
    const glibc = await look(start('/app/run'), run({}), { 'lib/ld-musl-x86_64.so.1': loader });
    expect(glibc.join()).toMatch(/: it was made for glibc, and this image has musl/);
  });

  test('needs of needs are followed; what the loader brings is there', async () => {
    const files = {
      ...run({ needed: ['libone.so', 'libc.so.6'] }),
      'usr/lib/libone.so': writeElf({ needed: ['libtwo.so'] }),
    };
    expect(await look(start('/app/run'), GLIBC, files)).toEqual([
      expect.stringMatching(
        /^failed libraries: \/usr\/lib\/libone\.so needs libtwo\.so: it is in none of \/lib\/x86_64/,
      ),
    ]);
    const whole = { ...files, 'lib/libtwo.so': writeElf({ needed: ['libone.so'] }) };
    const found = checkProgram(start('/app/run'), 'amd64', await treeOf(GLIBC, whole));
    expect(notPassed(found.checks)).toEqual([]);
    expect(found.libraries).toEqual(
      [
        { name: 'libone.so', path: '/usr/lib/libone.so' },
        { name: 'libc.so.6', path: '/lib/x86_64-linux-gnu/libc.so.6' },
        { name: 'libtwo.so', path: '/lib/libtwo.so' },
      ].map((one) => ({ ...one, path: expect.stringContaining(one.name) })),
    );
  });

  const lib = writeElf({});
  test.each([
    ['runpath with $ORIGIN', { runpath: '$ORIGIN/../lib:/x' }, { 'lib/libx.so': lib }, {}, true],
    ['rpath with ${ORIGIN}', { rpath: '${ORIGIN}/own' }, { 'app/own/libx.so': lib }, {}, true],
    ['rpath beside a runpath does not count', { rpath: '/own', runpath: '/other' }, { 'own/libx.so': lib }, {}, false],
    ['LD_LIBRARY_PATH', {}, { 'opt/libx.so': lib }, { Env: ['LD_LIBRARY_PATH=/nowhere:/opt'] }, true],
    ['ld.so.conf', {}, { 'opt/l/libx.so': lib, 'etc/ld.so.conf': '# c\n/opt/l # x\n' }, {}, true],
    [
      'ld.so.conf.d',
      {},
      { 'opt/libx.so': lib, 'etc/ld.so.conf': 'include ld.so.conf.d/*.conf', 'etc/ld.so.conf.d/a.conf': '/opt\n' },
      {},
      true,
    ],
    ['$LIB', { runpath: '/own/$LIB' }, { 'own/lib64/libx.so': lib }, {}, true],
    ['a path of its own', { needed: ['/own/libx.so'] }, { 'own/libx.so': lib }, {}, true],
    ['a path that is not there', { needed: ['/own/liby.so'] }, {}, {}, false],
    [
      'one for another architecture before the right one',
      { runpath: '/one:/two' },
      { 'one/libx.so': writeElf({ machine: 183 }), 'two/libx.so': lib },
      {},
      true,
    ],
    ['a directory that nobody names', {}, { 'opt/libx.so': lib }, {}, false],
  ] as [string, object, TestFiles, object, boolean][])('%s', async (_title, spec, files, config, there) => {
    const found = await look(start('/app/run', config), GLIBC, run({ needed: ['libx.so'], ...spec }), files);
    expect(found.length === 0).toBe(there);
  });

  test("a program's own rpath serves its libraries, its runpath does not", async () => {
    const files = { 'own/liba.so': writeElf({ needed: ['libb.so'] }), 'own/libb.so': lib };
    expect(await look(start('/app/run'), GLIBC, run({ needed: ['liba.so'], rpath: '/own' }), files)).toEqual([]);
    const not = await look(start('/app/run'), GLIBC, run({ needed: ['liba.so'], runpath: '/own' }), files);
    expect(not.join()).toContain('/own/liba.so needs libb.so');
    const both = run({ needed: ['liba.so'], rpath: '/own', runpath: '/own' });
    expect((await look(start('/app/run'), GLIBC, both, files)).join()).toContain('/own/liba.so needs libb.so');
  });

  test('what is there but for another architecture is said so', async () => {
    const found = await look(start('/app/run'), GLIBC, run({ needed: ['libx.so'] }), {
      'lib/libx.so': writeElf({ machine: 183 }),
    });
    expect(found).toEqual(['failed libraries: /app/run needs libx.so: /lib/libx.so is for arm64']);
  });

  test('musl: its own names are the loader, its path file counts, glibc libraries are named', async () => {
    const musl = {
      'lib/ld-musl-x86_64.so.1': writeElf({ soname: 'libc.musl-x86_64.so.1' }),
      'etc/ld-musl-x86_64.path': '/opt/m\n',
    };
    const program = (needed: string[]) => ({ 'app/run': writeElf({ interpreter: MUSL, needed }) });
    const own = program(['libc.musl-x86_64.so.1', 'libpthread.so.0', 'libx.so']);
    expect(await look(start('/app/run'), musl, own, { 'opt/m/libx.so': lib })).toEqual([]);
    const glibc = await look(start('/app/run'), musl, program(['libc.so.6', 'ld-linux-x86-64.so.2']));
    expect(glibc.join()).toMatch(
      /needs ld-linux-x86-64\.so\.2: .*; it was made for glibc, and the program runs with musl$/,
    );
  });
});
