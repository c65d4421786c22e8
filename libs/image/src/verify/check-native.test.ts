import { expect, test } from 'vitest';
import { checkNative, withoutPlatform } from './check-native.ts';
import { checkProgram } from './check-program.ts';
import { exitProgram, MACHINE, writeElf } from './elf.fixture.ts';
import { notPassed, type TestFiles, treeOf } from './verify.fixture.ts';

const right = writeElf({});
const wrong = writeElf({ machine: MACHINE.arm64 });

async function look(own: ReadonlySet<number> | undefined, ...layers: TestFiles[]): Promise<string[]> {
  const tree = await treeOf({ run: exitProgram() }, ...layers);
  const program = checkProgram({ Entrypoint: ['/run'] }, 'amd64', tree);
  return notPassed(checkNative(tree, 'amd64', program, own));
}

test('an add-on for another architecture or system is named', async () => {
  expect(
    await look(undefined, { 'app/native/koffi.node': wrong, 'app/x.node': 'MZ...', 'app/good.node': right }),
  ).toEqual([
    'failed native: expected /app/native/koffi.node to be for amd64, found arm64',
    'failed native: /app/x.node is a Windows file, not one for Linux',
  ]);
});

test('of a package with one for each platform, the right one is enough', async () => {
  const files = (...names: string[]): TestFiles =>
    Object.fromEntries(
      names.map((name) => [`app/p/${name}`, name.includes('x64') && !name.includes('musl') ? right : wrong]),
    );
  const many = files(
    'prebuilds/linux-x64/node.napi.glibc.node',
    'prebuilds/linux-x64/node.napi.musl.node',
    'prebuilds/linux-arm64/node.napi.armv8.glibc.node',
  );
  expect(await look(undefined, many)).toEqual([
    'noted native: 2 files for other platforms, beside those for this one: /app/p/prebuilds/linux-arm64/node.napi.armv8.glibc.node, /app/p/prebuilds/linux-x64/node.napi.musl.node',
  ]);
  expect(await look(undefined, files('linux_arm64/koffi.node', 'other_x64/else.node'))).toEqual([
    'failed native: expected /app/p/linux_arm64/koffi.node to be for amd64, found arm64',
  ]);
});

test('libraries that an add-on needs are looked for with those of the program', async () => {
  const addOn = { 'app/x.node': writeElf({ needed: ['libssl.so.3'], runpath: '$ORIGIN' }) };
  expect((await look(undefined, addOn)).join()).toMatch(
    /^failed native: \/app\/x\.node needs libssl\.so\.3: it is in none of \/app/,
  );
  expect(await look(undefined, { ...addOn, 'app/libssl.so.3': right })).toEqual([]);
  const musl = { 'app/x.node': writeElf({ needed: ['libc.musl-x86_64.so.1'] }) };
  expect((await look(undefined, musl)).join()).toMatch(/; it was made for musl, and the program runs with glibc$/);
});

test('other programs count in own layers; elsewhere only add-ons do, and where nobody knows they are noted', async () => {
  const sentence = 'expected /opt/tool to be for amd64, found arm64';
  expect(await look(new Set([1]), { 'opt/tool': wrong })).toEqual([`failed native: ${sentence}`]);
  expect(await look(new Set([2]), { 'opt/tool': wrong })).toEqual([]);
  expect(await look(undefined, { 'opt/tool': wrong })).toEqual([`noted native: ${sentence}`]);
});

test('a great many are named in part', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`app/${String(i).padStart(2, '0')}.node`, wrong]),
  );
  const found = await look(undefined, files);
  expect(found).toHaveLength(21);
  expect(found.at(-1)).toBe('failed native: and 10 files more');
});

test.each([
  ['/a/prebuilds/linux-x64/x.node', '/a/prebuilds/*/x.node'],
  ['/a/koffi-linux-arm64/linux_arm64/koffi.node', '/a/koffi-*/*/koffi.node'],
  ['/a/x86_64-unknown-linux-musl/x.node', '/a/*-unknown-*/x.node'],
  ['/a/armature/linuxish/x.node', '/a/armature/linuxish/x.node'],
])('%s without its platform is %s', (path, expected) => {
  expect(withoutPlatform(path)).toBe(expected);
});
