import { temporaryRepository } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerParser, type FoundObject, openObjectReader } from './object-reader.ts';
import { openObjectStore } from './open-object-store.ts';
import { gitIn, gitLine } from './test-objects.ts';
import { failure } from './test-open.ts';

describe('answerParser', () => {
  it('gives each answer whole, whatever the chunks', () => {
    const answer = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (answers, size) => {
        const id = 'c'.repeat(40);
        const stream = Buffer.concat(
          answers.flatMap((bytes) =>
            bytes === undefined
              ? [Buffer.from(`a ${id} blob 3 missing\n`)]
              : [Buffer.from(`${id} blob ${bytes.byteLength}\n`), bytes, Buffer.from('\n')],
          ),
        );
        const told: (FoundObject | undefined)[] = [];
        const parser = answerParser(
          () => true,
          (found) => told.push(found),
        );
        for (let at = 0; at < stream.byteLength; at += size) parser.push(stream.subarray(at, at + size));
        expect(told.map((found) => found && [...found.bytes])).toEqual(answers.map((bytes) => bytes && [...bytes]));
      }),
    );
  });
});

describe('an object reader', () => {
  it('answers many questions at once, each with its own answer', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, `${i}\n`.repeat(i)]));
    const { dir } = await temporaryRepository(files);
    const reader = openObjectReader(dir);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? reader.contents(`HEAD:f${i}`) : reader.info(`HEAD:f${i}`))),
    );
    for (const [i, found] of answers.entries()) {
      if (i >= 50) expect(found).toBeUndefined();
      else expect(found).toMatchObject({ type: 'blob', size: `${i}\n`.repeat(i).length });
      if (i < 50 && i % 2 === 0) expect(found?.bytes.toString()).toBe(`${i}\n`.repeat(i));
    }
    await reader.close();
  });

  it('gives bytes as they are, also large ones and those of trees and commits', async () => {
    const bytes = Buffer.alloc(3_000_000, Buffer.from([0, 255, 10, 13]));
    const { dir } = await temporaryRepository({ 'big.bin': bytes, 'empty file': '' });
    const reader = openObjectReader(dir);
    expect((await reader.contents('HEAD:big.bin'))?.bytes.equals(bytes)).toBe(true);
    expect((await reader.contents('HEAD:empty file'))?.size).toBe(0);
    expect((await reader.contents('HEAD'))?.type).toBe('commit');
    expect((await reader.contents('HEAD^{tree}'))?.bytes).toEqual(
      await gitIn(dir, ['cat-file', 'tree', 'HEAD^{tree}']),
    );
    await reader.close();
  });

  it('goes on after it was closed', async () => {
    const { dir } = await temporaryRepository({ a: '1' });
    const reader = openObjectReader(dir);
    await reader.info('HEAD');
    await reader.close();
    await reader.close();
    expect((await reader.info('HEAD:a'))?.size).toBe(1);
    await reader.close();
  });

  it('fails when the process cannot answer, and does not wait for ever', async () => {
    const { dir, git } = await temporaryRepository({ a: '1' });
    const id = await gitLine(dir, ['rev-parse', 'HEAD:a']);
    const reader = openObjectReader(dir);
    await reader.info('HEAD');
    await git('config', 'core.bare', 'maybe');
    expect((await failure(openObjectReader(dir).info(id))).message).toContain("bad boolean config value 'maybe'");
    await reader.close();
  });
});

describe('readBlobs', () => {
  it('gives blobs in the order of the ids, and may be asked for others meanwhile', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, `${i}-`.repeat(1000)]));
    const { dir, git } = await temporaryRepository(files);
    const store = await openObjectStore(dir);
    const listed = (await git('ls-tree', '--format=%(objectname) %(path)', 'HEAD'))
      .split('\n')
      .map((line) => line.split(' '));
    const wanted = [...listed, ...listed.slice(0, 3)];
    let at = 0;
    for await (const { id, bytes } of store.readBlobs(wanted.map(([id = '']) => id))) {
      const [expected, path = ''] = wanted[at] ?? [];
      expect(id).toBe(expected);
      expect(bytes.toString()).toBe(files[path]);
      if (at % 50 === 0) expect((await store.readBlob(id)).equals(bytes)).toBe(true);
      at += 1;
    }
    expect(at).toBe(303);
    await store.close();
  });

  it('may be left early, and reads nothing of nothing', async () => {
    const { dir, git } = await temporaryRepository({ a: 'x'.repeat(100_000) });
    const store = await openObjectStore(dir);
    const id = await git('rev-parse', 'HEAD:a');
    for await (const found of store.readBlobs(Array.from({ length: 500 }, () => id))) {
      expect(found.bytes.byteLength).toBe(100_000);
      break;
    }
    for await (const found of store.readBlobs([])) throw new Error(`found ${found.id}`);
  });

  it('names an object that is absent or no blob', async () => {
    const { dir, git } = await temporaryRepository({ a: '1' });
    const store = await openObjectStore(dir);
    const commit = await git('rev-parse', 'HEAD');
    const absent = '1'.repeat(40);
    const read = async (ids: string[]): Promise<void> => {
      for await (const _ of store.readBlobs(ids)) void _;
    };
    expect((await failure(read([absent]))).message).toContain(`expected a blob ${absent}, found no such object`);
    expect((await failure(read([await git('rev-parse', 'HEAD:a'), commit]))).message).toContain('found commit');
    expect((await failure(store.readBlob(commit))).message).toContain('found commit');
    expect((await failure(store.readCommit(await git('rev-parse', 'HEAD:a')))).message).toContain('expected a commit');
    expect(await store.missing([commit, absent, commit])).toEqual([absent]);
    await store.close();
  });
});
