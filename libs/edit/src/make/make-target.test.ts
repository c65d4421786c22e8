import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MakeTargetOperation } from '../operations.ts';
import { after, anyDress, codeOf, dressed } from '../text/test-text.ts';
import { editMakeTarget } from './make-target.ts';
import { anyMakefileLines, WHOLE } from './test-makefiles.ts';

const edited = (text: string, operation: MakeTargetOperation): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editMakeTarget(bytes, operation)).toString();
};
/** Lines that are new, and lines that are gone. */
const changes = (old: string, fresh: string): string[] => {
  const [before, now] = [old.split('\n'), fresh.split('\n')];
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `+${line}`),
  ];
};

describe('make.target', () => {
  test('renames a target wherever it is named for certain', () => {
    expect(changes(WHOLE, edited(WHOLE, { name: 'agent-go-build', rename: 'agent-build' }))).toEqual([
      '-  agent-go-build test',
      '-all: build agent-go-build ## everything',
      '-agent-go-build: ; @echo $(MAKE) -C $(DIR) build',
      '-\t@$(MAKE) -s agent-go-build',
      '+  agent-build test',
      '+all: build agent-build ## everything',
      '+agent-build: ; @echo $(MAKE) -C $(DIR) build',
      '+\t@$(MAKE) -s agent-build',
    ]);
  });

  test('renames one of several on a line, and the default goal', () => {
    const text = '.DEFAULT_GOAL := test\nbuild  test\\\n more: x\n\tcc\ntest: V = 1\n';
    expect(edited(text, { name: 'test', rename: 'check' })).toBe(
      '.DEFAULT_GOAL := check\nbuild  check\\\n more: x\n\tcc\ncheck: V = 1\n',
    );
  });

  test('removes rule, recipe, comment, and every mention as a prerequisite', () => {
    expect(changes(WHOLE, edited(WHOLE, { name: 'agent-go-lint', remove: true }))).toEqual([
      '-.PHONY: agent-go-lint',
      '-# lints',
      '-agent-go-lint:',
      '-\t@$(MAKE) -s agent-go-build',
      '-out:: agent-go-lint',
      '+out::',
    ]);
    expect(edited('a b: x\n\tcc\nall: b a b c\n', { name: 'b', remove: true })).toBe('a: x\n\tcc\nall: a c\n');
    expect(edited('# head\na:\n\tx\nb:\n', { name: 'a', remove: true })).toBe('# head\nb:\n');
    expect(edited('b:\n\n## does a\n.PHONY: a\na: b\n\tx\n\nc:\n', { name: 'a', remove: true })).toBe('b:\n\nc:\n');
    expect(edited('a:\n\tx\n\nb:\n', { name: 'a', remove: true })).toBe('b:\n');
    expect(edited('b:\n\na:\n\tx', { name: 'a', remove: true })).toBe('b:');
  });

  test('adds a rule behind another, or at the end', () => {
    const rule = '.PHONY: new\nnew: a\n\techo\n';
    expect(edited('a:\n\tx\n\nb:\n', { name: 'new', add: rule, after: 'a' })).toBe(
      'a:\n\tx\n\n.PHONY: new\nnew: a\n\techo\n\nb:\n',
    );
    expect(edited('a:\n\tx\nb:\r\n', { name: 'new', add: rule, after: 'a' })).toBe(
      'a:\n\tx\n.PHONY: new\nnew: a\n\techo\nb:\r\n',
    );
    expect(edited('a:\r\n\tx', { name: 'new', add: rule })).toBe('a:\r\n\tx\r\n\r\n.PHONY: new\r\nnew: a\r\n\techo');
    expect(edited('', { name: 'new', add: rule })).toBe(rule);
    expect(edited(`a:\n\n${rule}`, { name: 'new', add: rule })).toBe(`a:\n\n${rule}`);
  });

  test('sets recipes and prerequisites', () => {
    expect(edited('a: b | c # x\n\told\n\told2\nd:\n', { name: 'a', recipe: 'new', prerequisites: ['e', 'f'] })).toBe(
      'a: e f | c # x\n\tnew\nd:\n',
    );
    expect(edited('a:b ; old\nd:\n', { name: 'a', recipe: 'x\ny' })).toBe('a:b\n\tx\n\ty\nd:\n');
    expect(edited('a: | c\n', { name: 'a', prerequisites: ['b'] })).toBe('a: b | c\n');
    expect(edited('a: b c\n', { name: 'a', prerequisites: [] })).toBe('a:\n');
    expect(edited('a: V = 1\na: b\n\tx\n', { name: 'a', recipe: 'y', rename: 'z' })).toBe('z: V = 1\nz: b\n\ty\n');
    expect(edited('a: b | c\n', { name: 'a', prerequisites: ['x', '|', 'y'] })).toBe('a: x | y\n');
    expect(edited('a: b', { name: 'a', recipe: 'x' })).toBe('a: b\n\tx');
  });

  test('finds its result already there', () => {
    expect(editMakeTarget(Buffer.from('new:\n'), { name: 'old', rename: 'new' })).toEqual({ splices: [], matches: 1 });
    expect(
      editMakeTarget(Buffer.from('a: b\n\tx\n'), { name: 'a', recipe: 'x', prerequisites: ['b'] }).splices,
    ).toEqual([]);
  });

  test.each<[string, MakeTargetOperation, string]>([
    ['a:\n', { name: 'b', rename: 'c' }, 'EDIT_NO_MATCH'],
    ['a:\n', { name: 'b', remove: true }, 'EDIT_NO_MATCH'],
    ['a:\nb:\n', { name: 'a', rename: 'b' }, 'EDIT_INVALID'],
    ['a:\n', { name: 'a', rename: 'b c' }, 'EDIT_INVALID'],
    ['a:\n', { name: 'a', add: 'a: b\n' }, 'EDIT_INVALID'],
    ['a:\n', { name: 'b', add: 'c:\n' }, 'EDIT_INVALID'],
    ['a:\n', { name: 'b', add: 'b:\n', after: 'z' }, 'EDIT_NO_MATCH'],
    ['a b:\n\tx\n', { name: 'a', recipe: 'y' }, 'EDIT_INVALID'],
    ['a::\n\tx\na::\n\ty\n', { name: 'a', recipe: 'y' }, 'EDIT_AMBIGUOUS'],
    ['a:\nifdef X\n\tx\nelse\n\ty\nendif\n', { name: 'a', recipe: 'y' }, 'EDIT_INVALID'],
    ['a:\n', { name: 'a', remove: true, rename: 'b' }, 'EDIT_INVALID'],
    ['.RECIPEPREFIX = >\na:\n> x\n', { name: 'a', rename: 'b' }, 'EDIT_REFUSED'],
    ['a:\0\n', { name: 'a', rename: 'b' }, 'EDIT_REFUSED'],
    ['define x\na:\n', { name: 'a', rename: 'b' }, 'EDIT_INVALID'],
  ])('refuses %j %j', (text, operation, code) => {
    expect(codeOf(() => edited(text, operation))).toBe(code);
  });

  test('is renamed and renamed back, and added and removed, without a trace', () => {
    let done = 0;
    fc.assert(
      fc.property(anyMakefileLines, anyDress, fc.boolean(), (lines, dress, isApart) => {
        const bytes = dressed(lines, dress);
        const name = 'agent-go-build';
        const run = (file: Buffer, operation: MakeTargetOperation) => after(file, editMakeTarget(file, operation));
        // An unfinished define block is no Makefile.
        if (codeOf(() => run(bytes, { name, rename: 'x y' })) === 'none') throw new Error('must be refused');
        if (codeOf(() => run(bytes, { name, rename: 'renamed' })) === 'none') {
          const there = run(bytes, { name, rename: 'renamed' });
          expect(there).not.toEqual(bytes);
          expect(run(there, { name: 'renamed', rename: name })).toEqual(bytes);
          done += 1;
        }
        const add = 'quite-new: all\n\techo one\n\techo two\n';
        const place = isApart ? {} : { after: 'all' };
        if (codeOf(() => run(bytes, { name: 'quite-new', add, ...place })) === 'none') {
          const there = run(bytes, { name: 'quite-new', add, ...place });
          expect(run(there, { name: 'quite-new', add, ...place })).toEqual(there);
          expect(run(there, { name: 'quite-new', remove: true })).toEqual(bytes);
          done += 1;
        }
      }),
      { numRuns: 600 },
    );
    expect(done).toBeGreaterThan(400);
  });

  test('removes neighbours at once: nothing is cut twice, and it is as if one went after the other', () => {
    const names = ['agent-go-build', 'all', 'build', 'test', 'double', 'agent-go-build-more'];
    let several = 0;
    fc.assert(
      fc.property(anyMakefileLines, anyDress, fc.subarray(names, { minLength: 2 }), (lines, dress, chosen) => {
        // A recipe below an assignment is nobody's, and goes to whoever is above it when the assignment goes.
        if (lines.some((line, at) => line.startsWith('\t') && /^test: FLAGS/.test(lines[at - 1] ?? ''))) return;
        // A comment that comes to the head of the file is the file's from then on.
        const bytes = dressed(['HEAD := 1', ...lines], dress);
        const there = chosen.filter((name) => codeOf(() => editMakeTarget(bytes, { name, remove: true })) === 'none');
        if (there.length < 2) return;
        several += 1;
        const splices = there.flatMap((name) => editMakeTarget(bytes, { name, remove: true }, there).splices);
        const oneByOne = there.reduce((file, name) => {
          // The last of several on one line takes the line along.
          const has = codeOf(() => editMakeTarget(file, { name, remove: true })) === 'none';
          return has ? after(file, editMakeTarget(file, { name, remove: true })) : file;
        }, bytes);
        expect(after(bytes, { splices, matches: 1 }).toString()).toBe(oneByOne.toString());
      }),
      { numRuns: 2500 },
    );
    expect(several).toBeGreaterThan(300);
  });

  test('removes all that a line names, together', () => {
    const text = '.PHONY: a b\n.SILENT: a x b\nall: a b c\n\na: ## one\n\tx\n\nb:\n\ty\n\nc:\n';
    const bytes = Buffer.from(text);
    const both = ['a', 'b'].flatMap((name) => editMakeTarget(bytes, { name, remove: true }, ['b', 'a']).splices);
    expect(after(bytes, { splices: both, matches: 2 }).toString()).toBe('.SILENT: x\nall: c\n\nc:\n');
  });

  test('a recipe below .PHONY keeps its header when the last name goes: it must not become that of the rule above', () => {
    const text = 'a:\n\tone\n\nb: x\n.PHONY: b\n\techo b\n';
    expect(edited(text, { name: 'b', remove: true })).toBe('a:\n\tone\n\n.PHONY:\n\techo b\n');
  });

  needs('make')('GNU make reads it before and after, and finds the same to do', () => {
    const dir = temporaryDirectory('make');
    const make = (text: string, ...args: string[]): string => {
      writeFileSync(join(dir, 'Makefile'), text);
      const env = { PATH: process.env.PATH, LC_ALL: 'C' };
      const { status, stdout, stderr } = spawnSync('make', ['-n', '-C', dir, '--no-print-directory', ...args], {
        encoding: 'utf8',
        env,
      });
      expect([status, stderr]).toEqual([0, '']);
      return stdout;
    };
    const goals = ['all', 'build', 'agent-go-lint', 'out', 'a.o'];
    const renamed = edited(WHOLE, { name: 'agent-go-build', rename: 'agent-build' });
    expect(make(renamed, ...goals)).toBe(make(WHOLE, ...goals).replaceAll('-s agent-go-build', '-s agent-build'));
    expect(make(renamed, 'agent-build')).toBe(make(WHOLE, 'agent-go-build'));
    const without = edited(edited(WHOLE, { name: 'agent-go-lint', remove: true }), {
      name: 'all',
      recipe: 'echo done',
    });
    expect(make(without, 'all')).toBe(`${make(WHOLE, 'all')}echo done\n`);
    const added = edited(WHOLE, { name: 'x', add: 'x: order\n\techo x', after: 'build' });
    expect(make(added, 'x')).toBe('true\necho x\n');
    expect(make(added, ...goals)).toBe(make(WHOLE, ...goals));
  });
});
