import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, pythonProgram, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAgentStderr } from './agent-stderr.ts';
import { createAgentStdout, createPythonBuffer } from './agent-stdout.ts';

/** A descriptor on a file, the stdout over it, and what is in the file. */
function stdoutToFile(options: { terminal?: boolean; blockSize?: number } = {}) {
  const path = join(temporaryDirectory('stdout'), 'out');
  const fd = openSync(path, 'w');
  const written = (): string => readFileSync(path, 'latin1');
  return { fd, stdout: createAgentStdout({ fd, ...options }), written, close: () => closeSync(fd) };
}

test('printed text waits until it is flushed, and bytes come after all that was printed', () => {
  const { stdout, written, close } = stdoutToFile();
  stdout.print('one');
  stdout.print('');
  expect(written()).toBe('');
  stdout.write(Buffer.from('[out]T x'));
  expect(written()).toBe('one\n\n[out]T x');
  stdout.print('two');
  stdout.flush();
  stdout.flush();
  expect(written()).toBe('one\n\n[out]T xtwo\n');
  close();
});

test('on a terminal each line is written at once', () => {
  const { stdout, written, close } = stdoutToFile({ terminal: true });
  stdout.print('one');
  expect(written()).toBe('one\n');
  close();
});

test('undecodable bytes are printed as they came, and text without bytes is refused before anything is kept', () => {
  const { stdout, written, close } = stdoutToFile();
  stdout.print('a\udcffé');
  expect(() => stdout.print('b\ud800')).toThrow(expect.objectContaining({ type: 'UnicodeEncodeError' }));
  stdout.flush();
  expect(written()).toBe('a\xff\xc3\xa9\n');
  close();
});

test('stderr writes at once, and shows a lone surrogate by its escape', () => {
  const { fd, written, close } = stdoutToFile();
  const stderr = createAgentStderr(fd);
  stderr.write('a\udcff\ud83d\ude00\ud800\n');
  expect(Buffer.from(written(), 'latin1').toString()).toBe('a\\udcff😀\\ud800\n');
  stderr.write(Uint8Array.of(0xff));
  expect(written().endsWith('\xff')).toBe(true);
  close();
});

test('whatever the sizes, nothing is lost or reordered, and little is held back', () => {
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(20_000), fc.constantFrom(4095, 4096, 4097, 8191, 8192, 8193)));
  fc.assert(
    fc.property(sizes, fc.constantFrom(512, 4096, 8192, 65_536), (lengths, blockSize) => {
      let got = '';
      const buffer = createPythonBuffer((bytes) => {
        got += Buffer.from(bytes).toString('latin1');
      }, blockSize);
      let all = '';
      for (const [i, length] of lengths.entries()) {
        const text = String.fromCharCode(97 + (i % 26)).repeat(length);
        buffer.write(Buffer.from(text));
        all += text;
        expect(all.startsWith(got)).toBe(true);
        expect(all.length - got.length).toBeLessThan(8192 + blockSize + 1);
      }
      buffer.flush();
      expect(got).toBe(all);
    }),
  );
});

needs('python').describe('beside CPython 3.13', () => {
  // Prints lines of these sizes and kills itself: what it leaves is what had been written by then.
  const PROGRAM = `import os, sys
for case in sys.argv[1:]:
    path, block, sizes = case.split(':')
    if (pid := os.fork()) == 0:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(fd, 1)
        sys.stdout = open(1, 'w', buffering=int(block), closefd=False)
        for size in sizes.split(','):
            print('x' * int(size))
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
`;
  const size = fc.oneof(fc.nat(60), fc.nat(5000), fc.nat(20_000), fc.constantFrom(4094, 4095, 4096, 8190, 8191, 8192));

  test.each([
    512, 4096, 8192, 65_536,
  ])('over blocks of %d, the same sizes leave the same number of bytes behind', (blockSize) => {
    const dir = temporaryDirectory('oracle');
    const lists = fc.sample(fc.array(size, { minLength: 1, maxLength: 40 }), { numRuns: 150, seed: 7 });
    const cases = lists.map((sizes, i) => `${join(dir, String(i))}:${blockSize}:${sizes.join(',')}`);
    const ran = spawnSync(pythonProgram(), ['-I', '-c', PROGRAM, ...cases], { env: {}, encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    const theirs = lists.map((_, i) => readFileSync(join(dir, String(i))).length);
    const ours = lists.map((sizes) => {
      const { stdout, written, close } = stdoutToFile({ blockSize });
      for (const length of sizes) stdout.print('x'.repeat(length));
      close();
      return written().length;
    });
    expect(ours).toEqual(theirs);
    expect(new Set(theirs).size).toBeGreaterThan(5);
  });

  test("and so does Python's own standard output, on a file and on a pipe", () => {
    const program = `import os, sys\nfor a in sys.argv[1:]: print('x' * int(a))\nos.kill(os.getpid(), 9)`;
    for (const sizes of [
      [8190, 1],
      [5000, 5000, 1],
      [10, 20],
      [9000, 10],
      [4000, 4000, 200, 1],
      [100, 8192, 7],
    ]) {
      const { fd, close, written } = stdoutToFile();
      const args = ['-I', '-c', program, ...sizes.map(String)];
      spawnSync(pythonProgram(), args, { env: {}, stdio: ['ignore', fd, 'inherit'] });
      close();
      const piped = spawnSync('sh', ['-c', '"$@" | cat', 'sh', pythonProgram(), ...args], {
        env: { PATH: process.env.PATH },
      });
      const ours = stdoutToFile();
      for (const length of sizes) ours.stdout.print('x'.repeat(length));
      ours.close();
      expect([sizes, written().length, piped.stdout.length]).toEqual([
        sizes,
        ours.written().length,
        ours.written().length,
      ]);
    }
  });
});
