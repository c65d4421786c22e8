import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RepathOperation } from '../operations.ts';
import { after, anyDress, codeOf, dressed } from '../text/test-text.ts';
import { findReferences } from './find-references.ts';
import type { RepathFile } from './reference.ts';
import { editRepath } from './repath.ts';
import { traceReferences } from './trace-references.ts';

const FILES = [
  'Makefile',
  'README.md',
  'agent/README.md',
  'agent/go.mod',
  'agent/go/.golangci.yml',
  'agent/go/README.md',
  'agent/go/[id].tsx',
  'agent/go/cmd/x/main.go',
  'agent/go/go.mod',
  'agent/go/main.go',
  'agent/go/my file.txt',
  'agent/golden/a.txt',
  'agent/old/x.py',
  'containers/agent-go.Dockerfile',
  'docs/guide.md',
  'docs/über uns.md',
  'scripts/lint.sh',
];
const flatten = (path: string): string | undefined => {
  if (path === 'agent/README.md' || path === 'agent/go.mod' || path.startsWith('agent/old')) return undefined;
  if (path === 'containers/agent-go.Dockerfile') return 'containers/agent.Dockerfile';
  return path === 'agent/go' ? 'agent' : path.replace(/^agent\/go\//, 'agent/');
};
const withDirectories = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((file) => file.split('/').map((_, at, names) => names.slice(0, at + 1).join('/'))));

function moved(path: string, pathBefore: string, mapping: (path: string) => string | undefined): RepathFile {
  const input = withDirectories(FILES);
  const output = withDirectories(FILES.flatMap((file) => mapping(file) ?? []));
  return {
    path,
    pathBefore,
    mapping: (each) => (input.has(each) ? mapping(each) : undefined),
    exists: { input: (each) => input.has(each), output: (each) => output.has(each) },
  };
}

/** What becomes of each text in a file that did not move (or did). */
const run = (text: string, operation: RepathOperation, path = 'x', pathBefore = path): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editRepath(bytes, moved(path, pathBefore, flatten), operation)).toString();
};
const repository: RepathOperation = { styles: ['repository'] };

describe('repath, from the root', () => {
  test.each([
    ['agent/go', 'agent'],
    ['./agent/go/...', './agent/...'],
    ["'agent/go/**'", "'agent/**'"],
    ['"!agent/go/**"', '"!agent/**"'],
    ['agent/go/ agent/go/.', 'agent/ agent/.'],
    ['agent/go/cmd:agent/golden:./agent/go', 'agent/cmd:agent/golden:./agent'],
    ['--path=agent/go,agent/golden', '--path=agent,agent/golden'],
    ['cd agent/go&&x', 'cd agent&&x'],
    ['hashFiles("agent/go/**/go.sum")', 'hashFiles("agent/**/go.sum")'],
    ['agent/go/{cmd,x}/*.go agent/go/%.go agent/go/[a-z]*', 'agent/{cmd,x}/*.go agent/%.go agent/[a-z]*'],
    ['agent/go/main.go:12:3, (agent/go). Or agent/go?', 'agent/main.go:12:3, (agent). Or agent?'],
    ['**agent/go** `agent/go/cmd/x`', '**agent** `agent/cmd/x`'],
    ['containers/agent-go.Dockerfile', 'containers/agent.Dockerfile'],
    ['-Iagent/go/cmd agent/go@v1 agent/go/cmd#x', '-Iagent/cmd agent@v1 agent/cmd#x'],
    ['agent/go/my\\ file.txt', 'agent/my\\ file.txt'],
    ['agent/go/[id].tsx', 'agent/[id].tsx'],
    ['$GITHUB_WORKSPACE/agent/go $(ROOT_DIR)/agent/go/x', '$GITHUB_WORKSPACE/agent $(ROOT_DIR)/agent/go/x'],
    [['$', '{{ github.workspace }}/agent/go/cmd'].join(''), ['$', '{{ github.workspace }}/agent/cmd'].join('')],
    ['agent/go/$(NAME)/x', 'agent/$(NAME)/x'],
    ['“agent/go” «agent/go»', '“agent” «agent»'],
  ])('%s becomes %s', (text, expected) => {
    expect(run(text, repository)).toBe(expected);
  });

  test.each([
    'agent/golden/a.txt agent/go.mod agent/go-x agent/gopher xagent/go agent/go_x',
    'https://github.com/a/b/blob/main/agent/go/main.go git+ssh://x/agent/go',
    'github.com/acme/mono/agent/go/cmd ghcr.io/acme/agent/go:1 @agent/go ~/agent/go',
    '/agent/go /src/agent/go $HOME/agent/go $(X)/agent/go $(X)agent/go agent/go$(X)',
    'agent/go* agent/{go,cmd}/**',
    'agent/go/nope agent/old/x.py agent/README.md agent ../agent/go ./ . .. /',
    'https://x.y/?path=agent/go&a=b#agent/go',
    'agent\\go agent//golden',
  ])('leaves alone: %s', (text) => {
    expect(run(text, repository)).toBe(text);
  });

  test('a folder of an editor is the root', () => {
    for (const [prefix, text] of [
      ['{workspaceFolder}/', 'agent/go'],
      ['{workspaceFolder:mono}/', 'agent/go/cmd'],
      ['{localWorkspaceFolder}/', 'agent/go/cmd/x'],
      ['{{ github.workspace }}/', 'agent/go'],
      ['(ROOT)/', 'agent/go'],
      ['BUILD_SOURCESDIRECTORY/', 'agent/go'],
    ] as const) {
      expect(run(`"$${prefix}${text}"`, repository)).toBe(`"$${prefix}${text.replace('/go', '')}"`);
    }
    expect(run('"$' + '{otherFolder}/agent/go"', repository)).toBe('"$' + '{otherFolder}/agent/go"');
  });

  test('a slash in front is the root of a dependency bot, and the home of a pipeline is one too', () => {
    const bot = 'updates:\n  - directory: "/agent/go"\n  - directories: [/agent/go/cmd, "/agent/*", /agent/golden]\n';
    expect(run(bot, repository, '.github/dependabot.yml')).toBe(
      bot.replace('/agent/go"', '/agent"').replace('/agent/go/cmd', '/agent/cmd'),
    );
    expect(run(bot, repository, '.github/workflows/dependabot.yml')).toBe(bot);
    const pipeline = 'working_directory: ~/project/agent/go\npath: ~/agent/go\n';
    expect(run(pipeline, repository, '.circleci/config.yml')).toBe(
      pipeline.replace('project/agent/go', 'project/agent'),
    );
    expect(run(pipeline, repository, 'config.yml')).toBe(pipeline);
  });

  test('is traced before it is edited', () => {
    const file = moved('x', 'x', flatten);
    const traced = traceReferences('\n ü agent/go/cmd agent/old agent/golden', file, { styles: ['repository'] });
    expect(traced).toEqual([
      { line: 2, column: 3, text: 'agent/go/cmd', path: 'agent/go/cmd', becomes: 'agent/cmd' },
      { line: 2, column: 16, text: 'agent/old', path: 'agent/old', becomes: undefined },
      { line: 2, column: 26, text: 'agent/golden', path: 'agent/golden', becomes: 'agent/golden' },
    ]);
  });

  test('a slash in front is the root in ignore and owner files alone', () => {
    expect(run('/agent/go/cmd/\n!/agent/go/x\n/agent/golden\n', repository, '.gitignore')).toBe(
      '/agent/cmd/\n!/agent/go/x\n/agent/golden\n',
    );
    expect(run('/agent/go/ @acme/agent\n', repository, '.github/CODEOWNERS')).toBe('/agent/ @acme/agent\n');
    expect(run('/cmd/x\n/golden\n', { styles: ['file'] }, 'agent/.gitignore', 'agent/go/.gitignore')).toBe(
      '/cmd/x\n/golden\n',
    );
  });

  test('bytes that others own stay, and the number of changes is told', () => {
    const bytes = Buffer.from('ü agent/go agent/go/cmd\n');
    const file = moved('x', 'x', flatten);
    expect(editRepath(bytes, file, repository)).toMatchObject({ matches: 2 });
    const edit = editRepath(bytes, file, repository, [{ start: 5, end: 5 }]);
    expect(after(bytes, edit).toString()).toBe('ü agent/go agent/cmd\n');
    expect(editRepath(bytes, file, repository, [{ start: 10, end: 13 }]).matches).toBe(0);
    expect(codeOf(() => editRepath(Buffer.from([0xff]), file, repository))).toBe('EDIT_REFUSED');
  });
});

describe('repath, from where a file or command is', () => {
  test('in a file that moves, beside targets that move or stay', () => {
    const text =
      'include ../../scripts/lint.sh\nR := $(CURDIR)/../../docs\nx: ./cmd/x ../golden ../old/x.py\n\tcd .. && cp cmd/x/main.go x\n';
    expect(run(text, { styles: ['file'] }, 'agent/Makefile', 'agent/go/Makefile')).toBe(
      'include ../scripts/lint.sh\nR := $(CURDIR)/../docs\nx: ./cmd/x ./golden ../old/x.py\n\tcd . && cp cmd/x/main.go x\n',
    );
  });

  test('in a file that stays, beside targets that move', () => {
    expect(run('../agent/go/cmd ../agent/golden', { styles: ['file'] }, 'docs/guide.md')).toBe(
      '../agent/cmd ../agent/golden',
    );
  });

  test('on the lines that run in a directory', () => {
    const text =
      'cd agent/go\ndocker build -f ../../containers/agent-go.Dockerfile .\ncd ../..\ngo test ./cmd/...\n../../docs\n';
    const operation: RepathOperation = { styles: ['repository', 'cwd'], cwd: [{ dir: './agent/go/', from: 2, to: 4 }] };
    expect(run(text, operation, '.github/workflows/w.yml')).toBe(
      'cd agent\ndocker build -f ../containers/agent.Dockerfile .\ncd ..\ngo test ./cmd/...\n../../docs\n',
    );
  });

  test('the first style whose path exists wins', () => {
    expect(run('agent/README.md docs/guide.md', { styles: ['file', 'repository'] }, 'docs/x')).toBe(
      'agent/README.md docs/guide.md',
    );
  });
});

describe('repath, in links', () => {
  const links: RepathOperation = { styles: ['markdown', 'repository', 'file'] };
  test.each([
    ['[a](../../README.md#x "t") ![i](cmd/x/main.go)', '[a](../README.md#x "t") ![i](cmd/x/main.go)'],
    ['[r]: ../golden/a.txt "x"\n[a][r]', '[r]: golden/a.txt "x"\n[a][r]'],
    [
      '[s](<my file.txt>) [e](my%20file.txt) [u](/agent/go/main.go)',
      '[s](<my file.txt>) [e](my%20file.txt) [u](/agent/main.go)',
    ],
    ['[w](../../docs/%c3%bcber%20u%6Es.md)', '[w](../docs/%c3%bcber%20u%6Es.md)'],
    ['[w](../../docs/%C3%BCber%20uns.md?raw=1#a)', '[w](../docs/%C3%BCber%20uns.md?raw=1#a)'],
    [
      '<a href="../golden/a.txt">x</a> y <img src=\'../golden/a.txt\'>',
      '<a href="golden/a.txt">x</a> y <img src=\'golden/a.txt\'>',
    ],
    ['`../golden` agent/go/cmd', '`./golden` agent/cmd'],
    ['[x](#agent/go) [y](http://x/agent/go) [z](mailto:a@b)', '[x](#agent/go) [y](http://x/agent/go) [z](mailto:a@b)'],
    ['[gone](../old/x.py) [never](../nope)', '[gone](../old/x.py) [never](../nope)'],
    ['> - [deep\n>   link](../../Makefile)', '> - [deep\n>   link](../Makefile)'],
    ['| a | b |\n|---|---|\n| [c](../golden/a.txt) | d |', '| a | b |\n|---|---|\n| [c](golden/a.txt) | d |'],
  ])('%s', (text, expected) => {
    expect(run(text, links, 'agent/README.md', 'agent/go/README.md')).toBe(expected);
  });

  test('a link is relative to its file, even where the root has the same path', () => {
    expect(run('[a](agent/go)', { styles: ['markdown', 'repository'] }, 'docs/guide.md')).toBe('[a](agent/go)');
    expect(run('[a](agent/go) [b](./agent/go/)', { styles: ['markdown'] }, 'README.md')).toBe(
      '[a](agent) [b](./agent/)',
    );
  });
});

describe('repath and its inverse', () => {
  // Every path has one place before and one after, so that there is a way back.
  const there = (path: string): string =>
    path
      .replace(/^agent(?=\/|$)/, 'services/nöde')
      .replace(/^scripts(?=\/|$)/, 'hack/my tools')
      .replace(/^(services\/nöde\/go)(?=\/|$)/, '$1lang');
  const back = (path: string): string =>
    path
      .replace(/^services\/nöde\/golang(?=\/|$)/, 'services/nöde/go')
      .replace(/^services\/nöde(?=\/|$)/, 'agent')
      .replace(/^hack\/my tools(?=\/|$)/, 'scripts');
  const file = (path: string, isBack: boolean): RepathFile => {
    const [input, output] = [withDirectories(FILES), withDirectories(FILES.map(there))];
    if (!isBack) {
      return {
        path: there(path),
        pathBefore: path,
        mapping: there,
        exists: { input: (p) => input.has(p), output: (p) => output.has(p) },
      };
    }
    return {
      path,
      pathBefore: there(path),
      mapping: back,
      exists: { input: (p) => output.has(p), output: (p) => input.has(p) },
    };
  };
  const word = fc.constantFrom(
    'text',
    'ü',
    '\t',
    '- ',
    'a/b',
    '1.2',
    'https://x/agent/go',
    '&&',
    '$(X)/agent/go',
    'agent/gopher',
    '🙂',
  );
  const glue = fc.constantFrom(' ', ', ', ' : ', ';', '="', '" \'', "' (", ') ');
  const named = fc.constantFrom(
    ...FILES.filter((path) => !/[ [ü]/.test(path)),
    'agent/go/**',
    'agent/**/*.go',
    'agent/go/',
    './agent/go/cmd',
    'scripts/',
  );
  const linesOf = (piece: fc.Arbitrary<string>): fc.Arbitrary<string[]> => {
    const line = fc
      .array(fc.tuple(fc.oneof(word, piece, piece), glue), { maxLength: 5 })
      .map((parts) => parts.flat().join(''));
    return fc.array(line, { minLength: 1, maxLength: 8 });
  };

  test.each<[string, RepathOperation, fc.Arbitrary<string>]>([
    ['from the root', repository, named.filter((path) => !path.startsWith('scripts'))],
    [
      'from the file',
      { styles: ['file'] },
      fc.constantFrom(
        '../../docs/guide.md',
        '../golden/*',
        './cmd/x',
        '../go.mod',
        './main.go',
        '../../docs/',
        './**',
        '../../containers/agent-go.Dockerfile',
      ),
    ],
    [
      'from a directory',
      { styles: ['cwd'], cwd: [{ dir: 'agent/go' }] },
      fc.constantFrom('../../docs', '../golden/a.txt', './cmd/...'),
    ],
  ])('give the same bytes: %s', (_, operation, piece) => {
    let changed = 0;
    fc.assert(
      fc.property(linesOf(piece), anyDress, (lines, dress) => {
        const bytes = dressed(lines, dress);
        const path = 'agent/go/README.md';
        const moved_ = after(bytes, editRepath(bytes, file(path, false), operation));
        const cwd = operation.cwd?.map(() => ({ dir: there('agent/go') }));
        const inverse = { ...operation, ...(cwd === undefined ? {} : { cwd }) };
        if (!moved_.equals(bytes)) changed += 1;
        expect(after(moved_, editRepath(moved_, file(path, true), inverse))).toEqual(bytes);
        const still = {
          ...file(path, false),
          path,
          mapping: (each: string) => each,
          exists: { input: () => true, output: () => true },
        };
        expect(editRepath(bytes, still, operation)).toEqual({ splices: [], matches: 0 });
      }),
      { numRuns: 300 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  test('give the same bytes: links', () => {
    const target = fc.constantFrom(
      '../../scripts/lint.sh',
      '../golden/a.txt',
      'cmd/x/main.go',
      '<my file.txt>',
      'my%20file.txt',
      '../../docs/%C3%BCber%20uns.md',
      '/agent/go/main.go',
      '../../Makefile',
    );
    const anchor = fc.constantFrom('', '#a/b', '?raw=1#x');
    const link = fc
      .tuple(fc.constantFrom('[a]', '![ü]', '[`x`]'), target, anchor)
      .map(([text, path, tail]) => (path.startsWith('<') ? `${text}(${path})` : `${text}(${path}${tail} "t")`));
    const definition = fc
      .tuple(target, anchor)
      .map(([path, tail]) => (path.startsWith('<') ? `\n[r]: ${path}\n` : `\n[r]: ${path}${tail} 't'\n`));
    const html = target.filter((path) => !path.startsWith('<')).map((path) => `<img src="${path}">`);
    const block = fc.oneof(
      link.map((each) => `> - ${each} text`),
      link.map((each) => `| ${each} | \`[no](../golden)\` |`),
      fc.tuple(link, link).map(([a, b]) => `${a}${b}`),
      definition,
      html,
      fc.constantFrom('```', '# Title', '    code', '***', '<div>', '', '\\[no](../golden/a.txt)', 'text 🙂'),
    );
    let changed = 0;
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 8 }), anyDress, (blocks, dress) => {
        const bytes = dressed(
          blocks.flatMap((each) => each.split('\n')),
          dress,
        );
        const path = 'agent/go/README.md';
        const operation: RepathOperation = { styles: ['markdown'] };
        const moved_ = after(bytes, editRepath(bytes, file(path, false), operation));
        if (!moved_.equals(bytes)) changed += 1;
        expect(after(moved_, editRepath(moved_, file(path, true), operation))).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
    expect(changed).toBeGreaterThan(200);
  });
});

describe('findReferences', () => {
  test('gives place, style and resolved path of everything that looks like one', () => {
    const bytes = Buffer.from('\ufeffü cd go\nx ../a/b agent/go/** 1.2\n');
    const found = findReferences(bytes, { path: 'sub/Makefile', styles: ['repository', 'file'] });
    expect(
      found.map(({ line, start, end, style, path, glob }) => [
        line,
        bytes.subarray(start, end).toString(),
        style,
        path,
        glob,
      ]),
    ).toEqual([
      [1, 'go', 'repository', 'go', undefined],
      [1, 'go', 'file', 'sub/go', undefined],
      [2, '../a/b', 'file', 'a/b', undefined],
      [2, 'agent/go/**', 'repository', 'agent/go', 'agent/go/**'],
      [2, 'agent/go/**', 'file', 'sub/agent/go', 'sub/agent/go/**'],
    ]);
  });

  test('gives one reference per place where it may ask what exists, and none for binary files', () => {
    const exists = (path: string): boolean => ['go.mod', 'sub/go.mod', 'agent/go'].includes(path);
    const found = findReferences(Buffer.from('go.mod agent/go agent/no \xff', 'latin1'), { path: 'sub/x', exists });
    expect(found.map(({ text, style, path }) => [text, style, path])).toEqual([
      ['go.mod', 'repository', 'go.mod'],
      ['agent/go', 'repository', 'agent/go'],
    ]);
    expect(findReferences(Buffer.from('agent/go\0'), { path: 'x' })).toEqual([]);
  });

  test('takes time linear in the text', () => {
    for (const text of [
      'agent/'.repeat(50_000),
      '../'.repeat(50_000),
      '$('.repeat(50_000),
      '{a'.repeat(50_000),
      `x${'.'.repeat(100_000)}y`,
    ]) {
      findReferences(Buffer.from(text), { path: 'x', exists: () => false });
    }
  });
});
