import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GLOB, IMAGE_PATH, PACKAGE_PATH, RELATIVE_PATH } from './path-rules.ts';
import { type TextRule, textField } from './text-field.ts';

function verdict(rule: TextRule, text: string): { expected: string; hint?: string } | 'taken' {
  const issue = textField(rule).safeParse(text).error?.issues[0];
  if (issue === undefined) return 'taken';
  const { hint } = (issue as { params?: { hint?: string } }).params ?? {};
  return { expected: issue.message, ...(hint === undefined ? {} : { hint }) };
}

describe('RELATIVE_PATH', () => {
  it.each(['dist/bundle', '.', '..', '../../libs', './a', 'a b', '-rf', 'ü', 'a/'])('takes %j', (text) => {
    expect(verdict(RELATIVE_PATH, text)).toBe('taken');
  });

  it.each([
    ['', "Write . for the manifest's folder itself."],
    ['/etc', 'An absolute path exists on one machine only.'],
    ['~', 'The home directory differs between machines.'],
    ['~/x', 'The home directory differs between machines.'],
  ])('refuses %j', (text, hint) => {
    expect(verdict(RELATIVE_PATH, text)).toEqual({ expected: "a path relative to the manifest's folder", hint });
  });
});

describe('PACKAGE_PATH', () => {
  it.each(['.', 'bin/node', 'a..b'])('takes %j', (text) => {
    expect(verdict(PACKAGE_PATH, text)).toBe('taken');
  });

  it.each(['..', '../x', 'a/../b'])('refuses %j', (text) => {
    expect(verdict(PACKAGE_PATH, text)).toEqual({
      expected: 'a path inside the package',
      hint: 'A package has nothing above its root: write it without "..".',
    });
  });

  it('refuses an absolute path', () => {
    expect(verdict(PACKAGE_PATH, '/bin')).toMatchObject({
      expected: 'a path inside the package, relative to its root',
    });
  });
});

describe('IMAGE_PATH', () => {
  it.each(['/', '/app', '/app/a b', '/...', '/a/..b'])('takes %j', (text) => {
    expect(verdict(IMAGE_PATH, text)).toBe('taken');
  });

  it.each([
    ['app', 'an absolute path in the image, like /app', 'Write /app.'],
    ['./app/', 'an absolute path in the image, like /app', 'Write /app.'],
    ['/app/', 'an absolute path in its normal form', 'Write /app.'],
    ['//app', 'an absolute path in its normal form', 'Write /app.'],
    ['/a/./b//c/../d', 'an absolute path in its normal form', 'Write /a/b/d.'],
    ['/..', 'an absolute path in its normal form', 'Write /.'],
  ])('refuses %j', (text, expected, hint) => {
    expect(verdict(IMAGE_PATH, text)).toEqual({ expected, hint });
  });

  it('refuses empty text', () => {
    expect(verdict(IMAGE_PATH, '')).toEqual({ expected: 'an absolute path in the image, like /app' });
  });

  it('takes exactly the paths that normalising leaves alone', () => {
    const path = fc.array(fc.constantFrom('/', '.', '..', 'a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(path, (text) => {
        const normal = posix.normalize(text).replace(/(.)\/$/, '$1');
        expect(verdict(IMAGE_PATH, text) === 'taken').toBe(text.startsWith('/') && normal === text);
      }),
    );
  });

  it('hints at a form that is taken', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./]{1,12}$/), (text) => {
        const result = verdict(IMAGE_PATH, text);
        if (result === 'taken') return;
        const written = /^Write (.+)\.$/.exec(result.hint ?? '')?.[1] ?? '';
        expect(verdict(IMAGE_PATH, written)).toBe('taken');
      }),
    );
  });
});

describe('GLOB', () => {
  it.each(['**/*.js', 'a', '!x', '{a,b}'])('takes %j', (text) => {
    expect(verdict(GLOB, text)).toBe('taken');
  });

  it.each([
    ['', undefined],
    ['/a/*.js', 'Globs are relative to `from`: write a/*.js.'],
    ['../*.js', 'A layer holds nothing from above its `from`.'],
  ])('refuses %j', (text, hint) => {
    expect(verdict(GLOB, text)).toEqual({
      expected: 'a glob relative to `from`, like **/*.js',
      ...(hint ? { hint } : {}),
    });
  });
});
