import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, pythonProgram, temporaryDirectory } from '@baton/testkit';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { decodeOs, jsonText } from '../python-text/index.ts';
import { type Posix, PosixError } from './posix.ts';
import { loadPosix } from './posix-koffi.ts';
import { type Program, startProgram } from './start-program.ts';

type Case = Required<Pick<Program, 'argv' | 'env' | 'cwd'>>;

const HOME = process.cwd();
let place: string;
afterEach(() => process.chdir(HOME));

/** Each directory has a `tool` of its kind; `file` is no directory, and `none` is not there. */
const KINDS = ['none', 'file', 'noexec', 'folder', 'lost', 'plain', 'good'] as const;

beforeAll(() => {
  place = temporaryDirectory('path');
  for (const kind of KINDS.slice(2)) mkdirSync(join(place, kind));
  mkdirSync(join(place, 'folder/tool'));
  writeFileSync(join(place, 'file'), '');
  writeFileSync(join(place, 'noexec/tool'), '#!/bin/sh\n', { mode: 0o644 });
  writeFileSync(join(place, 'lost/tool'), '#!/no/such/interpreter\n', { mode: 0o755 });
  writeFileSync(join(place, 'plain/tool'), 'echo a shell ran this\n', { mode: 0o755 });
  writeFileSync(join(place, 'good/tool'), '#!/bin/sh\nprintf "%s|" "$0" "$@" "$V"; pwd\n', { mode: 0o755 });
});

/** What the program printed, or the error. */
function ours(posix: Posix, program: Case): string {
  const { readEnd, writeEnd } = posix.pipe();
  try {
    const pid = startProgram(posix, { ...program, stdio: [0, writeEnd, 2] });
    closeSync(writeEnd);
    const output = readFileSync(readEnd);
    const ending = posix.wait(pid);
    return `${JSON.stringify(ending)} ${decodeOs(output)}`;
  } catch (error) {
    closeSync(writeEnd);
    if (error instanceof PythonError) return `${error.type}: ${error.message}`;
    throw error;
  } finally {
    closeSync(readEnd);
  }
}

const ORACLE = `
import json, os, subprocess, sys
answers = []
for case in json.load(sys.stdin):
    try:
        done = subprocess.run(case["argv"], env=case["env"], cwd=case["cwd"], stdout=subprocess.PIPE)
        ending = {"signal": -done.returncode} if done.returncode < 0 else {"status": done.returncode}
        answers.append(json.dumps(ending, separators=(",", ":")) + " " + os.fsdecode(done.stdout))
    except Exception as error:
        answers.append(type(error).__name__ + ": " + str(error))
json.dump(answers, sys.stdout)
`;

function theirs(cases: readonly Case[]): string[] {
  const input = jsonText(
    cases.map(({ argv, env, cwd }) => new Map(Object.entries({ argv: [...argv], env: new Map(env), cwd }))),
  );
  const { stdout, stderr } = spawnSync(pythonProgram(), ['-c', ORACLE], {
    input,
    encoding: 'utf8',
    env: { LANG: 'C.UTF-8' },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

function agreeOn(cases: readonly Case[]): void {
  const posix = loadPosix(import.meta.filename);
  const answers = theirs(cases);
  for (const [index, program] of cases.entries()) {
    process.chdir(HOME);
    expect([program, ours(posix, program)]).toEqual([program, answers[index]]);
  }
}

const caseOf = (
  argv: Case['argv'],
  env: Record<string, Case['env'] extends ReadonlyMap<string, infer V> ? V : never>,
  cwd = place,
): Case => ({
  argv,
  env: new Map(Object.entries(env)),
  cwd,
});

needs('python').describe('programs are found and started as CPython does', () => {
  test('along every PATH of up to three directories', () => {
    const paths: string[][] = [[]];
    for (const path of paths) if (path.length < 3) paths.push(...KINDS.map((kind) => [...path, kind]));
    agreeOn(
      paths
        .slice(1)
        .map((path) => caseOf(['tool', 'a b', ''], { PATH: path.map((kind) => join(place, kind)).join(':') })),
    );
  }, 120_000);

  test('with odd entries of PATH, and names with a slash', () => {
    const inGood = join(place, 'good');
    const paths = [
      '',
      ':',
      'good',
      'good/',
      './good',
      'noexec:',
      `:${inGood}`,
      `${inGood}//`,
      '/',
      'none:file',
      ':none',
      '..',
    ];
    const names = [
      'tool',
      'good/tool',
      './good/tool',
      'none/tool',
      'file/tool',
      'noexec/tool',
      '/',
      '.',
      '',
      'plain/tool',
    ];
    agreeOn(
      paths.flatMap((PATH) => names.flatMap((name) => [caseOf([name], { PATH }), caseOf([name], { PATH }, inGood)])),
    );
  }, 60_000);

  test('without PATH', () => {
    agreeOn([
      caseOf(['sh', '-c', 'echo $0 $V', 'x'], { V: '1' }),
      caseOf(['no-such-program'], {}),
      caseOf(['tool'], {}),
    ]);
  });

  test('in working directories that are none', () => {
    const at = (name: string): Case => caseOf(['sh'], { PATH: '/bin' }, join(place, name));
    agreeOn([at('none'), at('file'), at('file/below'), at('good/tool'), at('x'.repeat(300)), at('\udcff')]);
  });

  test('with bytes that are no UTF-8, and with what cannot be passed', () => {
    const env = { PATH: join(place, 'good') };
    agreeOn([
      caseOf(['tool', '\udcff\udc80'], { ...env, V: '\udcfe' }),
      caseOf(['tool', '\ud800'], env),
      caseOf(['tool'], { ...env, V: 'a\ud800' }),
      caseOf(['tool', 'a\0b'], env),
      caseOf(['tool'], { ...env, V: 'a\0b' }),
      caseOf(['tool'], { ...env, 'A=B': '1' }),
      caseOf(['tool'], { ...env, '': '1' }),
      caseOf(['tool', 'a\0b'], { ...env, 'A=B': '1' }),
      caseOf(['tool', '\ud800'], { ...env, V: '\ud801' }),
      caseOf(['to\0ol'], env),
      caseOf(['tool'], { PATH: `${join(place, 'good')}\udcff:${join(place, 'good')}` }),
      caseOf(['tool', null], env),
      caseOf(['tool'], { ...env, V: null }),
      caseOf(['tool'], { ...env, V: 1n }),
      caseOf(['tool'], { ...env, V: true }),
      caseOf(['tool'], { ...env, V: 1.5 }),
      caseOf(['tool'], { ...env, V: [] }),
      caseOf(['tool'], { ...env, V: new Map() }),
    ]);
  });

  test('with too much for the system', () => {
    agreeOn([caseOf(['tool', 'x'.repeat(200_000)], { PATH: join(place, 'good') })]);
  });
});

describe('the order of attempts', () => {
  const failing = (numbers: readonly number[], tried: string[]): Posix => {
    const no = (): never => {
      throw new Error('not for this test');
    };
    return {
      chroot: no,
      chdir: no,
      pipe: no,
      duplicate: no,
      closeOnExec: no,
      unblockSignals: no,
      wait: no,
      spawn: ({ file }) => {
        tried.push(decodeOs(file));
        throw new PosixError('posix_spawn', numbers[tried.length - 1] ?? 2);
      },
    };
  };

  test('the first error that tells something is reported, after all directories were tried', () => {
    const tried: string[] = [];
    const program = { argv: ['x'], env: new Map([['PATH', 'a:b:c:d']]), stdio: [0, 1, 2] } as const;
    expect(() => startProgram(failing([2, 20, 13, 8], tried), program)).toThrow("[Errno 13] Permission denied: 'x'");
    expect(tried).toEqual(['a/x', 'b/x', 'c/x', 'd/x']);
  });

  test('else the last one', () => {
    const program = { argv: ['x'], env: new Map([['PATH', 'a:b']]), stdio: [0, 1, 2] } as const;
    expect(() => startProgram(failing([2, 20], []), program)).toThrow("[Errno 20] Not a directory: 'x'");
  });
});
