import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../test-open.ts';
import { carryCheckout, checkCarry, finishCarry } from './carry-checkout.ts';
import { carryCase, FLATTEN, FLATTEN_COMMANDS, faults, LAYOUT } from './test-carry.ts';

describe('carryCheckout', () => {
  it('flattens a directory into its own parent, over names that go', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    const main = lstatSync(join(made.dir, 'agent/go/cmd/main.go'));
    const result = await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
    expect(result).toMatchObject({ moved: 6, written: 1, deleted: 5, leftovers: [] });
    // Renamed, not written anew; and what came to be empty has gone.
    expect(lstatSync(join(made.dir, 'agent/cmd/main.go')).ino).toBe(main.ino);
    expect(readFileSync(join(made.dir, 'agent/go/inner.go'), 'utf8')).toBe('package go\n');
    expect(existsSync(join(made.dir, 'agent/go/go'))).toBe(false);
    expect(existsSync(join(made.dir, 'agent/old'))).toBe(false);
    expect(await made.git('status', '--porcelain')).toBe('');
    // Once more is nothing to do.
    expect(await carryCheckout(made.input(FLATTEN))).toMatchObject({ moved: 0, written: 0, deleted: 0 });
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('needs no renames: then it writes the files', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    expect(await carryCheckout(made.input())).toMatchObject({ moved: 0, written: 11 });
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('looks into a rename that is not equal on both sides', async () => {
    const made = await carryCase(
      { 'a/x/1': '1', 'a/x/2': '2', 'a/y/3': '3' },
      'git mv a b && echo more >> b/x/2 && git mv b/y/3 b/y/4',
    );
    expect(await carryCheckout(made.input({ a: 'b' }))).toMatchObject({ moved: 1, written: 2 });
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('swaps directories, and a file with a directory', async () => {
    const made = await carryCase(
      { 'a/1': '1', 'b/2': '2', c: '3', 'd/4': '4' },
      'git mv a t && git mv b a && git mv t b && git mv c t && git mv d c && git mv t d',
    );
    expect(await carryCheckout(made.input({ a: 'b', b: 'a', c: 'd', d: 'c' }))).toMatchObject({ moved: 4, written: 0 });
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('goes there and back', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    await carryCheckout(made.input(FLATTEN));
    const back = Object.fromEntries(Object.entries(FLATTEN).map(([a, b]) => [b, a]));
    const { moveRef: _, ...input } = made.input(back);
    await made.git('update-ref', 'refs/heads/main', made.from);
    await carryCheckout({ ...input, from: made.to, to: made.from });
    expect(await faults(made, made.from)).toEqual([]);
  });

  it('keeps modes and links, also where one becomes the other', async () => {
    const made = await carryCase(
      { 'a/run': '#!', 'a/plain': 'p', 'a/two': '2', link: 'f' },
      'chmod +x a/run && git add . && git commit -qm x && git mv a b && ln -s ../nowhere b/link && chmod -x b/run && chmod +x b/plain && rm link b/two && ln -s b link && mkdir b/two && echo > b/two/x',
    );
    await made.git('fetch', '--quiet');
    await carryCheckout(made.input({ a: 'b' }));
    expect(await faults(made, made.to)).toEqual([]);
    expect(lstatSync(join(made.dir, 'b/plain')).mode & 0o111).toBe(0o111);
    expect(lstatSync(join(made.dir, 'link')).isSymbolicLink()).toBe(true);
  });

  it('leaves git nothing to read again', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    await made.git('status');
    await carryCheckout(made.input(FLATTEN));
    const trace = join(made.dir, '.git', 'trace');
    await made.git('-c', 'alias.watch=!GIT_TRACE2_PERF=$PWD/.git/trace git status --porcelain', 'watch');
    const text = readFileSync(trace, 'utf8');
    // A file whose numbers do not fit is read and hashed ("scan").
    expect(text).toContain('refresh/sum_lstat:12');
    expect(text).toContain('refresh/sum_scan:0');
  });

  it('checks without doing', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    await checkCarry(made.input(FLATTEN));
    expect(await faults(made, made.from)).toEqual([]);
  });

  it('follows a branch that moved before, and detaches', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    const { moveRef: _, ...input } = made.input(FLATTEN);
    expect((await failure(carryCheckout(input))).code).toBe('REF_MOVED');
    expect(await faults(made, made.from)).toEqual([]);
    await made.git('update-ref', 'refs/heads/main', made.to);
    await carryCheckout(input);
    expect(await faults(made, made.to)).toEqual([]);
    await carryCheckout({ ...input, from: made.to, to: made.from, branch: undefined });
    expect(await faults(made, made.from)).toEqual([]);
    expect(await made.git('branch', '--show-current')).toBe('');
    expect(await made.git('rev-parse', 'main')).toBe(made.to);
  });

  it('goes to another branch', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    const moveRef = async () => void (await made.git('update-ref', 'refs/heads/cut/over', made.to, ''));
    await carryCheckout({ ...made.input(FLATTEN), branch: 'refs/heads/cut/over', moveRef });
    expect(await faults(made, made.to)).toEqual([]);
    expect(await made.git('symbolic-ref', 'HEAD')).toBe('refs/heads/cut/over');
    expect(await made.git('rev-parse', 'main')).toBe(made.from);
  });

  it('puts everything back when the branch cannot move', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    const moveRef = async () => Promise.reject(new Error('a hook refuses'));
    await expect(carryCheckout({ ...made.input(FLATTEN), moveRef })).rejects.toThrow('a hook refuses');
    expect(await faults(made, made.from)).toEqual([]);
    expect(await finishCarry(made.dir)).toBeUndefined();
  });
});
