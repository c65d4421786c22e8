import { temporaryRepository } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitObject, identityLine, parseCommit, unsignedPayload } from './commit.ts';
import type { ObjectFormat } from './objects.ts';
import { openObjectStore } from './open-object-store.ts';
import { bareRepository, gitIn, gitLine } from './test-objects.ts';

const author = identityLine({ name: 'Zoë "Z." Ng', email: 'zoe@example.com', seconds: 1_700_000_000 });
const committer = identityLine({ name: 'Bo', email: 'bo@example.com', seconds: 1_700_000_001, offset: '-0730' });

describe.each<ObjectFormat>(['sha1', 'sha256'])('commitObject of %s', (format) => {
  it('is the commit that git makes of the same fields', async () => {
    const dir = await bareRepository(format);
    const tree = await gitLine(dir, ['mktree'], '');
    const parents = [
      await gitLine(dir, ['commit-tree', tree, '-m', 'one']),
      await gitLine(dir, ['commit-tree', tree, '-m', 'two']),
    ];
    const message = 'Größer\n\nbody\n\nBaton-Cutover: x\n';
    const made = commitObject(format, { tree, parents, author, committer, message });
    const theirs = await gitLine(dir, ['hash-object', '-t', 'commit', '-w', '--stdin'], made.bytes);
    expect(made.id).toBe(theirs);
    // hash-object refuses what does not read as a commit; this is how git reads it back.
    const format_ = '--format=%T|%P|%an|%ae|%at|%cn|%cI|%B';
    expect((await gitIn(dir, ['show', '--no-patch', format_, theirs])).toString()).toBe(
      `${tree}|${parents.join(' ')}|Zoë "Z." Ng|zoe@example.com|1700000000|Bo|2023-11-14T14:43:21-07:30|${message}\n`,
    );
    const store = await openObjectStore(dir);
    const read = await store.readCommit(theirs);
    expect(read).toMatchObject({ id: theirs, tree, parents, author, committer, message, time: 1_700_000_001 });
    expect(read.bytes.equals(made.bytes)).toBe(true);
    await store.close();
  });
});

describe('commitObject', () => {
  const id = '1'.repeat(40);
  const fields = { tree: id, parents: [], author, committer, message: 'm' };

  it('ends the message with one newline, and changes nothing else in it', () => {
    const text = Buffer.from(commitObject('sha1', fields).bytes).toString();
    expect(text.endsWith('\n\nm\n')).toBe(true);
    expect(commitObject('sha1', { ...fields, message: 'm\n' }).id).toBe(commitObject('sha1', fields).id);
    expect(Buffer.from(commitObject('sha1', { ...fields, message: '  m  \n\n\n' }).bytes).toString()).toContain(
      '\n\n  m  \n\n\n',
    );
  });

  it.each([
    ['a short tree', { tree: '12' }],
    ['a parent of another format', { parents: ['1'.repeat(64)] }],
    ['a second line in the author', { author: `${author}\nparent ${id}` }],
    ['no time', { committer: 'Bo <bo@example.com>' }],
    ['NUL in the message', { message: 'a\0b' }],
    ['half a character in the message', { message: 'a\ud800' }],
  ])('refuses %s', (_, wrong) => {
    expect(() => commitObject('sha1', { ...fields, ...wrong })).toThrow(/is no sha1 id|is text without NUL/);
  });
});

describe('identityLine', () => {
  it.each([
    ['', 'a@b'],
    ['A <x>', 'a@b'],
    ['A\nB', 'a@b'],
    [' A', 'a@b'],
    ['A', ''],
    ['A', 'a>b'],
  ])('refuses %j <%j>', (name, email) => {
    expect(() => identityLine({ name, email, seconds: 1 })).toThrow('cannot be the');
  });

  it.each([
    [-1, '+0000'],
    [1.5, '+0000'],
    [1, 'Z'],
    [1, '+00:00'],
  ])('refuses the time %j %j', (seconds, offset) => {
    expect(() => identityLine({ name: 'A', email: 'a@b', seconds, offset })).toThrow('is no time of a commit');
  });
});

describe('parseCommit', () => {
  it('joins the lines of a header, and reads an old encoding', () => {
    const text = `tree ${'1'.repeat(40)}\nauthor A <a> 1 +0000\ncommitter B <b> 2 +0000\nencoding ISO-8859-1\ngpgsig -----BEGIN\n line\n \n -----END\n\n`;
    const commit = parseCommit('x', Buffer.concat([Buffer.from(text), Buffer.from([0xe9, 0x0a])]));
    expect(commit.headers.at(-1)).toEqual(['gpgsig', '-----BEGIN\nline\n\n-----END']);
    expect(commit.message).toBe('é\n');
    expect(commit.parents).toEqual([]);
  });

  it('refuses what is no commit', () => {
    expect(() => parseCommit('x', Buffer.from('100644 a\0'))).toThrow('x does not read as a commit');
  });
});

describe('unsignedPayload', () => {
  const plain = Buffer.from(
    commitObject('sha1', { tree: '1'.repeat(40), parents: [], author, committer, message: 'gpgsig x\n y\n' }).bytes,
  );
  const headers = plain.subarray(0, plain.indexOf('\n\n') + 1);
  const message = plain.subarray(plain.indexOf('\n\n') + 1);

  it.each(['gpgsig', 'gpgsig-sha256'])('leaves out %s, and nothing of the message', (name) => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z0-9+/=-]{0,20}$/), { minLength: 1 }), (lines) => {
        const signature = Buffer.from(`${name} ${lines.join('\n ')}\n`);
        expect(unsignedPayload(Buffer.concat([headers, signature, message])).equals(plain)).toBe(true);
      }),
    );
    expect(unsignedPayload(plain).equals(plain)).toBe(true);
  });

  it('keeps other headers that have several lines', () => {
    const bytes = Buffer.concat([headers, Buffer.from('mergetag object\n type\ngpgsig a\n b\nx y\n z\n'), message]);
    expect(unsignedPayload(bytes).toString()).toContain('mergetag object\n type\nx y\n z\n\n');
  });
});

it('reads commits that git made, with several parents', async () => {
  const { dir, git, commit } = await temporaryRepository({ a: '1' });
  await git('checkout', '--quiet', '-b', 'side');
  const side = await commit('side', { b: '2' });
  await git('checkout', '--quiet', 'main');
  const main = await commit('main', { c: '3' });
  await git('merge', '--quiet', '--no-edit', 'side');
  const store = await openObjectStore(dir);
  const head = await store.readCommit(await store.resolveCommit('HEAD'));
  expect(head.parents).toEqual([main, side]);
  expect(head.time).toBe(Date.parse('2024-01-02T03:04:05Z') / 1000);
  await store.close();
});
