import { describe, expect, test } from 'vitest';
import { applySplices, type Edit } from '../splice.ts';
import { editMdBullet } from './edit-md-bullet.ts';
import { editMdFence } from './edit-md-fence.ts';
import { editMdRow } from './edit-md-row.ts';
import { editMdSection } from './edit-md-section.ts';

function run<Operation>(
  editor: (bytes: Uint8Array, operation: Operation) => Edit,
  text: string,
  operation: Operation,
): string {
  const bytes = Buffer.from(text);
  return applySplices(bytes, editor(bytes, operation).splices).toString();
}

function code(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return Object(error).code;
  }
  return undefined;
}

describe('a section', () => {
  const text = '# Top\n\nintro [a]\n\n## Old\n\nbody\n\n### Sub\n\nx\n\n## Last\n- a\n\n[a]: ./x\n';

  test('is replaced below its heading, or with it', () => {
    expect(run(editMdSection, text, { heading: 'Old', replace: 'new' })).toBe(
      text.replace('body\n\n### Sub\n\nx', 'new'),
    );
    const whole = run(editMdSection, text, { heading: 'Old', replace: '## New\n\nnew' });
    expect(whole).toBe(text.replace('## Old\n\nbody\n\n### Sub\n\nx', '## New\n\nnew'));
    expect(run(editMdSection, whole, { heading: 'Old', replace: '## New\n\nnew' })).toBe(whole);
  });

  test('goes without the link definitions at the end of the file', () => {
    expect(run(editMdSection, text, { heading: ['Top', 'Last'], remove: true })).toBe(
      text.replace('## Last\n- a\n\n', ''),
    );
    expect(run(editMdSection, text, { heading: 'Last', append: '- b' })).toBe(text.replace('- a\n', '- a\n- b\n'));
  });

  test('is one, and what breaks the rest is noticed', () => {
    expect(code(() => run(editMdSection, '## A\n\n## A\n', { heading: 'A', remove: true }))).toBe('EDIT_AMBIGUOUS');
    expect(run(editMdSection, '# B\n## A\n# C\n## A\n', { heading: ['C', 'A'], rename: 'D' })).toBe(
      '# B\n## A\n# C\n## D\n',
    );
    expect(code(() => run(editMdSection, text, { heading: 'Nowhere', remove: true }))).toBe('EDIT_NO_MATCH');
    expect(code(() => run(editMdSection, text, { heading: 'Old', replace: '```\nopen' }))).toBe('EDIT_UNVERIFIED');
    const used = '# A\n\n[x]\n\n## B\n\n[x]: ./x\n\ntext\n';
    expect(code(() => run(editMdSection, used, { heading: 'B', remove: true }))).toBe('EDIT_UNVERIFIED');
  });
});

test('an item in a quote, and numbers that go on counting', () => {
  expect(run(editMdBullet, '> * one\n> * two\n', { match: 'two', after: '- three\n  more' })).toBe(
    '> * one\n> * two\n> * three\n>   more\n',
  );
  expect(run(editMdBullet, '1. a\n2. b\n3. c\n', { match: 'a', remove: true })).toBe('1. b\n2. c\n');
  expect(run(editMdBullet, '1. a\n1. b\n', { match: 'a', before: 'z' })).toBe('1. z\n1. a\n1. b\n');
  expect(code(() => run(editMdBullet, '- a1\n- a2\n', { match: 'a', remove: true }))).toBe('EDIT_AMBIGUOUS');
});

test('a row keeps its columns', () => {
  const text = '| Name  | Kind |\n|-------|-----:|\n| agent |   py |\n| `x\\|y` | z |';
  expect(run(editMdRow, text, { match: 'agent', set: { Kind: 'go' } })).toBe(text.replace('  py', '  go'));
  expect(run(editMdRow, text, { match: { Name: 'agent' }, after: ['a|b', 'c'] })).toBe(
    text.replace('py |\n', 'py |\n| a\\|b  |    c |\n'),
  );
  expect(run(editMdRow, text, { match: 'x|y', remove: true })).toBe(
    '| Name  | Kind |\n|-------|-----:|\n| agent |   py |',
  );
  expect(code(() => run(editMdRow, text, { match: 'agent', set: { None: 'x' } }))).toBe('EDIT_NO_MATCH');
});

test('a fence keeps its indentation and cannot be ended by its text', () => {
  const text = '- in a list:\n  ```sh\n  cd agent/new\n\n  make\n  ```\n';
  expect(run(editMdFence, text, { lang: 'sh', ops: [{ replace: { find: 'agent/new', with: 'agent' } }] })).toBe(
    text.replace('/new', ''),
  );
  expect(run(editMdFence, text, { lang: 'sh', remove: true })).toBe('- in a list:\n');
  expect(code(() => run(editMdFence, text, { replace: '```' }))).toBe('EDIT_INVALID');
});

test('a cell of a table that is not padded stays so when it is set and set back', () => {
  for (const text of [
    '| A0 | B0 |\n|:-:|---:|\n| r | x |\n',
    '| A0 | B0 |\n|---|---|\n| r |  |\n',
    '| A0    | B0  |\n|-------|-----|\n| r     | x   |\n',
  ]) {
    const old = /\| (\S*) +\|\n$/.exec(text)?.[1] ?? '';
    const there = run(editMdRow, text, { match: 'r', set: { B0: 'VALUE' } });
    expect(run(editMdRow, there, { match: 'r', set: { B0: old } })).toBe(text);
  }
});
