import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MakeVarOperation } from '../operations.ts';
import { after, anyDress, codeOf, dressed } from '../text/test-text.ts';
import { editMakeVar } from './make-var.ts';
import { makefileFacts } from './makefile-facts.ts';
import { anyMakefileLines, WHOLE } from './test-makefiles.ts';

const edited = (text: string, operation: MakeVarOperation): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editMakeVar(bytes, operation)).toString();
};

describe('make.var', () => {
  test.each<[string, MakeVarOperation, string]>([
    ['A := x # y\n', { name: 'A', set: 'z' }, 'A := z # y\n'],
    ['A?=x', { name: 'A', set: 'z w' }, 'A?=z w'],
    ['A =\n', { name: 'A', set: 'x' }, 'A = x\n'],
    ['A = x\n', { name: 'A', set: '' }, 'A = \n'],
    ['export override A = a \\\r\n  b\r\n', { name: 'A', set: 'c \\\n  d' }, 'export override A = c \\\r\n  d\r\n'],
    ['A = $(X:.c=.o) $(call f,a=b)\n', { name: 'A', set: '$(Y)' }, 'A = $(Y)\n'],
    ['t: A = 1\nA = 2\n', { name: 'A', set: '3' }, 't: A = 1\nA = 3\n'],
    ['A = 1\nB = 2', { name: 'B', remove: true }, 'A = 1'],
    ['A = 1\nA += 2\nB = $(A)\n', { name: 'A', remove: true }, 'B = $(A)\n'],
    ['define A\nx\nendef\nB = 1\n', { name: 'A', remove: true }, 'B = 1\n'],
    [
      'A = 1\nB = $(A)${A}$$(A)$(AA)$(A:x=y)$(call A,1)$(origin A) $(A x)\nexport A\nt: A = 2\nt:\n\techo $(A) $${A}\nelse ifdef A\nendif\n',
      { name: 'A', rename: 'NEW' },
      'NEW = 1\nB = $(NEW)${NEW}$$(A)$(AA)$(NEW:x=y)$(call NEW,1)$(origin NEW) $(A x)\nexport NEW\nt: NEW = 2\nt:\n\techo $(NEW) $${A}\nelse ifdef NEW\nendif\n',
    ],
    ['NEW = $(NEW2)\n', { name: 'A', rename: 'NEW' }, 'NEW = $(NEW2)\n'],
  ])('%j %j', (text, operation, expected) => {
    expect(edited(text, operation)).toBe(expected);
  });

  test.each<[string, MakeVarOperation, string]>([
    ['A = 1\n', { name: 'B', set: '1' }, 'EDIT_NO_MATCH'],
    ['A = 1\nA += 2\n', { name: 'A', set: '1' }, 'EDIT_AMBIGUOUS'],
    ['t: A = 1\n', { name: 'A', set: '1' }, 'EDIT_AMBIGUOUS'],
    ['define A\nendef\n', { name: 'A', set: '1' }, 'EDIT_INVALID'],
    ['A = 1\n', { name: 'A', set: 'a # b' }, 'EDIT_UNVERIFIED'],
    ['A = 1\n', { name: 'A', set: 'a\nb' }, 'EDIT_UNVERIFIED'],
    ['A = 1\nB = 2\n', { name: 'A', rename: 'B' }, 'EDIT_INVALID'],
    ['A = $(B)\n', { name: 'A', rename: 'B' }, 'EDIT_INVALID'],
    ['A = 1\n', { name: 'A' }, 'EDIT_INVALID'],
    ['# A = 1\nx:\n\tA = 1\n', { name: 'A', remove: true }, 'EDIT_NO_MATCH'],
  ])('refuses %j %j', (text, operation, code) => {
    expect(codeOf(() => edited(text, operation))).toBe(code);
  });

  test('is renamed and renamed back, set and set back, without a trace', () => {
    let done = 0;
    fc.assert(
      fc.property(anyMakefileLines, anyDress, (lines, dress) => {
        const bytes = dressed(lines, dress);
        const run = (file: Buffer, operation: MakeVarOperation) => after(file, editMakeVar(file, operation));
        if (codeOf(() => run(bytes, { name: 'NAME', rename: 'R' })) === 'none') {
          const there = run(bytes, { name: 'NAME', rename: 'R' });
          expect(there.includes('$(NAME)')).toBe(false);
          expect(run(there, { name: 'R', rename: 'NAME' })).toEqual(bytes);
          done += 1;
        }
        for (const name of ['NAME', 'FLAGS', 'X']) {
          if (codeOf(() => run(bytes, { name, set: 'other value' })) !== 'none') continue;
          const old = makefileFacts(bytes).variables.find((each) => each.name === name && each.target === undefined);
          // A line feed in a new value means the file's own line ending; where the file mixes them, nobody knows which.
          if (old?.value.includes('\n') && dress.endings.length > 1) continue;
          expect(editMakeVar(bytes, { name, set: old?.value ?? '' }).splices).toEqual([]);
          expect(run(run(bytes, { name, set: 'other value' }), { name, set: old?.value ?? '' })).toEqual(bytes);
          done += 1;
        }
      }),
      { numRuns: 1000 },
    );
    expect(done).toBeGreaterThan(200);
  });
});

test('the facts of a Makefile: what it offers, and what it asks of others', () => {
  const facts = makefileFacts(
    Buffer.from(
      `${WHOLE}-include a.mk b.mk\ncalls: ; cd x && $(MAKE) -C y -f z.mk V=1 -j 4 one two\n\tmake --directory=q three >log; (cd r; gmake -sk)\n`,
    ),
  );
  expect(facts.targets.map(({ name, phony, help }) => [name, phony, help ?? ''])).toEqual([
    ['all', true, 'everything'],
    ['agent-go-build', true, ''],
    ['build', true, ''],
    ['test', true, ''],
    ['agent-go-lint', true, ''],
    ['deps', false, ''],
    ['order', false, ''],
    ['a.o', false, ''],
    ['b.o', false, ''],
    ['out', false, ''],
    ['calls', false, ''],
  ]);
  expect(facts.targets.find(({ name }) => name === 'out')).toMatchObject({
    doubleColon: true,
    prerequisites: ['deps', 'agent-go-lint'],
    recipe: ['@echo one $(V)', '@echo two'],
  });
  expect(facts.variables.map(({ name, operator, value, target }) => [name, operator, value, target])).toEqual([
    ['NAME', ':=', 'agent', undefined],
    ['DIR', '?=', 'agent/go', undefined],
    ['FLAGS', '=', '-a \\\n  -b', undefined],
    ['macro', 'define', 'x: y\n\techo $(1)', undefined],
    ['V', '=', '1', 'out'],
  ]);
  expect(facts.includes.map(({ path, optional }) => [path, optional])).toEqual([
    ['a.mk', true],
    ['b.mk', true],
  ]);
  expect(facts.calls.map(({ dir, file, targets }) => [dir, file, targets])).toEqual([
    [undefined, undefined, ['agent-go-build']],
    ['x/y', 'z.mk', ['one', 'two']],
    ['q', undefined, ['three']],
    ['r', undefined, []],
  ]);
});
