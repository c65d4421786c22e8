import { describe, expect, it } from 'vitest';
import { documentFault, jsonFormatOf } from './document-fault.ts';

const fault = (path: string, text: string): string | undefined => documentFault(path, Buffer.from(text));

describe('documentFault', () => {
  it.each([
    ['a.yaml', 'a: [1]\n---\nb: 2\n', 'a: [1\n'],
    ['.github/w.yml', 'on: push\n', 'on: {\n'],
    ['a.json', '\ufeff{"a": [1]}\n', '{"a": [1,]}\n'],
    ['a.json', '{}', '{} // c\n'],
    ['a.jsonc', '// c\n{"a": 1,}\n', '{"a": 1,,}\n'],
    ['.vscode/launch.json', '// c\n{"a": 1,}\n', '{"a" 1}\n'],
    ['renovate.json5', "{a: 'b', // c\n}\n", "{a: 'b' c: 1}\n"],
    ['cliff.toml', '[a]\nb = "c" # d\n', '[a]\nb = c"\n'],
    ['pyproject.toml', 'a = 1\n', 'a = 1\na = 2\n'],
    ['Makefile', 'ü := é\nall:\n\ttrue\n', 'ü := é\n\ttrue\nall:\n'],
    ['x/rules.mk', 'ifeq ($(A),b)\nC = 1\nendif\n', 'ifeq ($(A),b)\nC = 1\n'],
    ['GNUmakefile', 'define A\nx\nendef\n', 'define A\nx\n'],
    ['Makefile', 'ifdef A\nendif\n', 'endif\n'],
    ['Dockerfile', '# syntax=x\nARG A\nFROM x\nRUN <<EOF\nnot an instruction\nEOF\n', 'FROM x\nnot an instruction\n'],
    ['containers/pump.Dockerfile', 'FROM x\nCOPY a \\\n  b\n', 'FROM x\nCOPY a\n  b c\n'],
    ['Dockerfile.dev', 'FROM x\nUSER 0\n', 'USER 0\nFROM x\n'],
    ['Containerfile', 'FROM x\nCMD ["a"]\n', 'FROM x\nCMD\n'],
  ])('knows whether %s can be read', (path, good, bad) => {
    expect(fault(path, good)).toBeUndefined();
    expect(fault(path, bad)).toMatch(/\S/);
  });

  it('says nothing of other files, and of Markdown, which always reads', () => {
    for (const path of ['a.md', 'a.txt', 'makefile.txt', 'Dockerfile/x', 'json', '.dockerignore']) {
      expect(fault(path, '{ [ ) \0')).toBeUndefined();
    }
    expect(fault('a.yaml', 'a: \0')).toContain('NUL');
  });

  it('knows the JSON of a file by its name', () => {
    expect(
      ['a.json', 'a.jsonc', 'a.json5', 'tsconfig.base.json', '.devcontainer/devcontainer.json'].map(jsonFormatOf),
    ).toEqual(['json', 'jsonc', 'json5', 'jsonc', 'jsonc']);
  });
});
