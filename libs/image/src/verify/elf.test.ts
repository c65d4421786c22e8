import { readFile } from 'node:fs/promises';
import { needs } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ElfSpec, MACHINE, writeElf } from './elf.fixture.ts';
import { elfArchitecture, parseElf, runsOn } from './elf.ts';
import { keepWindows, wholeFile } from './file-windows.ts';

const name = fc.stringMatching(/^[A-Za-z0-9._+-]{1,30}$/);
const paths = fc.array(fc.stringMatching(/^[/$A-Za-z{}._-]{1,20}$/), { minLength: 1, maxLength: 4 });
const spec = fc.record(
  {
    machine: fc.nat(0xffff),
    bits: fc.constantFrom(32 as const, 64 as const),
    order: fc.constantFrom('little' as const, 'big' as const),
    interpreter: fc.stringMatching(/^\/[A-Za-z0-9./_-]{1,40}$/),
    needed: fc.array(name, { maxLength: 8 }),
    soname: name,
    rpath: paths.map((all) => all.join(':')),
    runpath: paths.map((all) => all.join(':')),
    gap: fc.nat(5000),
  },
  { requiredKeys: ['machine', 'bits', 'order'] },
) as fc.Arbitrary<ElfSpec>;

describe('parseElf', () => {
  test('reads back what was written, in both classes and byte orders', () => {
    fc.assert(
      fc.property(spec, (wanted) => {
        const { bits, order, machine, interpreter, needed = [], soname, rpath, runpath } = wanted;
        const split = (text: string | undefined): string[] => (text ?? '').split(':').filter((dir) => dir !== '');
        expect(parseElf(wholeFile(writeElf(wanted)))).toEqual({
          bits,
          order,
          machine,
          type: 3,
          needed,
          rpath: split(rpath),
          runpath: split(runpath),
          ...(interpreter === undefined ? {} : { interpreter }),
          ...(soname === undefined ? {} : { soname }),
        });
      }),
    );
  });

  test('takes hostile bytes as a problem, and never throws', () => {
    const evil = fc.tuple(spec, fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 30 }), fc.nat(700));
    fc.assert(
      fc.property(evil, ([wanted, changes, length]) => {
        const bytes = writeElf(wanted);
        for (const [at, value] of changes) if (at < bytes.byteLength) bytes[at] = value;
        const elf = parseElf(wholeFile(bytes.subarray(0, Math.max(4, length))));
        if (elf?.problem !== undefined) expect(elf.needed).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  const patched =
    (patch: (elf: Buffer) => void) =>
    (elf: Buffer): Buffer => {
      patch(elf);
      return elf;
    };

  test.each([
    ['a header that stops', (elf: Buffer) => elf.subarray(0, 40), /file header would lie behind its end/],
    ['headers behind the end', patched((elf) => elf.writeBigUInt64LE(2n ** 50n, 32)), /would lie behind/],
    ['an offset no number holds', patched((elf) => elf.writeBigUInt64LE(2n ** 63n, 32)), /names the offset 92233/],
    ['65535 program headers', patched((elf) => elf.writeUInt16LE(65535, 56)), /names 65535 program headers/],
    ['headers of no known size', patched((elf) => elf.writeUInt16LE(1, 54)), /1 bytes each, not 56/],
    ['a class that does not exist', patched((elf) => elf.writeUInt8(7, 4)), /its class is 7/],
  ])('names %s', (_title, change, problem) => {
    const elf = parseElf(wholeFile(change(writeElf({ needed: ['libc.so.6'] }))));
    expect(elf?.problem).toMatch(problem);
  });

  test.each([['not an ELF file'], ['\x7fEL'], ['']])('is undefined for %j', (text) => {
    expect(parseElf(wholeFile(Buffer.from(text, 'latin1')))).toBeUndefined();
  });

  test('tells architectures apart by machine, class and byte order', () => {
    const read = (one: ElfSpec) => parseElf(wholeFile(writeElf(one))) ?? expect.unreachable();
    expect(runsOn(read({}), 'amd64')).toBe(true);
    expect(runsOn(read({ bits: 32 }), 'amd64')).toBe(false);
    expect(runsOn(read({ machine: MACHINE.s390x, order: 'big' }), 's390x')).toBe(true);
    expect(runsOn(read({ machine: MACHINE.s390x }), 's390x')).toBe(false);
    expect(runsOn(read({}), 'vax')).toBeUndefined();
    expect(elfArchitecture(read({ machine: MACHINE.arm64 }))).toBe('arm64');
    expect(elfArchitecture(read({ machine: 4711 }))).toBe('machine 4711 (64 bits, little endian)');
  });

  test('reads the Node that runs this', async () => {
    const elf = parseElf(wholeFile(await readFile(process.execPath)));
    expect(elf?.problem).toBeUndefined();
    expect(elf?.needed).toContain('libc.so.6');
    expect(elf?.interpreter).toMatch(/ld-linux/);
  });

  needs('busybox')('reads a static program', async () => {
    const elf = parseElf(wholeFile(await readFile('/bin/busybox')));
    expect(elf).toMatchObject({ needed: [], rpath: [], runpath: [] });
    expect(elf?.interpreter).toBeUndefined();
  });
});

describe('keepWindows', () => {
  async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
    for (let at = 0, i = 0; at < bytes.byteLength; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }

  test('finds the same in a stream, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(spec, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), async (wanted, sizes) => {
        const bytes = writeElf(wanted);
        expect(parseElf(await keepWindows(bytes.byteLength, cut(bytes, sizes)))).toEqual(parseElf(wholeFile(bytes)));
      }),
    );
  });

  test('keeps little of a large file, and the dynamic section wherever it lies', async () => {
    const wanted = { needed: ['libc.so.6'], gap: 40_000_000, tail: 10_000_000 };
    const bytes = writeElf(wanted);
    const kept = await keepWindows(bytes.byteLength, cut(bytes, [65536]));
    expect(parseElf(kept)?.needed).toEqual(['libc.so.6']);
    expect(kept.read(30_000_000, 1)).toBeUndefined();
    expect(kept.read(bytes.byteLength - 10, 10)).toHaveLength(10);
    expect(kept.read(bytes.byteLength - 10, 11)).toBeUndefined();
  });

  test('says so when what is needed was not kept', async () => {
    const bytes = writeElf({ needed: ['libc.so.6'], tail: 30_000_000 });
    // Names that lie where nobody would look for them: the table is moved into the middle.
    const at = bytes.indexOf('libc.so.6') - 1;
    bytes.copy(bytes, 20_000_000, at, at + 11);
    const table = Buffer.alloc(8);
    table.writeBigUInt64LE(BigInt(0x10000 + at));
    const entry = bytes.indexOf(table);
    bytes.writeBigUInt64LE(BigInt(0x10000 + 20_000_000), entry);
    const elf = parseElf(await keepWindows(bytes.byteLength, cut(bytes, [65536])));
    expect(elf).toMatchObject({ machine: MACHINE.amd64, unseen: true, problem: expect.stringContaining('not kept') });
    expect(parseElf(wholeFile(bytes))?.needed).toEqual(['libc.so.6']);
  });
});
