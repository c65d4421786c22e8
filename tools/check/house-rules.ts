import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { repositoryFiles } from './repository-files.ts';
import type { Step } from './step.ts';

interface Rule {
  /** What must not stand in a line. */
  pattern: RegExp;
  reason: string;
  /** Files that it is about; all by default. */
  files?: RegExp;
}

const CODE = /[.](ts|mjs)$/;

// Written in pieces, so that this file does not hold what it looks for.
const dots = (...names: string[]): string => names.map((name) => name.replaceAll('/', '[.]')).join('|');
const HOSTS = dots(
  'registry/npmjs/org',
  'registry/yarnpkg/com',
  'deb/debian/org',
  'archive/ubuntu/com',
  'proxy/golang/org',
  'pypi/org',
  'pythonhosted/org',
);

const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(HOSTS, 'i'),
    reason: 'the host of a package registry is the business of the machine: npm and apt know it',
  },
  { pattern: /(^|[\s"'`=(:])\/(work|root|tmp\/lab)\//, reason: 'a path of some machine' },
  {
    pattern: new RegExp(`\\b${'TO'}${'DO'}\\b|\\b${'FIX'}${'ME'}\\b|\\bXXX\\b`),
    reason: 'finish it, or open an issue',
  },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, files: CODE, reason: 'make the types say it' },
  { pattern: new RegExp(`\\bas ${'unknown'} as\\b`), files: CODE, reason: 'a cast through unknown hides an error' },
  {
    pattern: /import \{[^}]*\} from 'zod'/,
    files: CODE,
    reason: "use import * as z from 'zod': the named import bundles 454 KB",
  },
  {
    pattern: /\b(test|it|describe)[.](only|skip|todo)\b/,
    files: /[.](test|prove)[.]ts$/,
    reason: 'say what is missing with needs() of testkit',
  },
];

// Files that talk about the rules themselves.
const EXEMPT = /^(tools\/check\/house-rules([.]test)?[.]ts|package-lock[.]json|LICENSE)$/;
const LONGEST = 300;
const LONGEST_TEST = 500;

/** Conventions that no other tool holds: words, casts, file names, the length of files. */
export const houseRules: Step = {
  name: 'rules',
  async run(root) {
    const files = (await repositoryFiles(root)).filter((path) => !EXEMPT.test(path));
    const problems: string[] = [];
    for (const path of files) problems.push(...judgeFile(path, await readFile(join(root, path), 'utf8')));
    if (files.length === 0) problems.push('no file was looked at');
    return { summary: `${files.length} files`, problems };
  },
};

/** What is wrong with one file. */
export function judgeFile(path: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split('\n');
  const rules = RULES.filter(({ files }) => files === undefined || files.test(path));
  for (const [i, line] of lines.entries()) {
    for (const { pattern, reason } of rules) if (pattern.test(line)) problems.push(`${path}:${i + 1}: ${reason}`);
  }
  if (!CODE.test(path)) return problems;
  const longest = /[.](test|prove)[.]ts$/.test(path) ? LONGEST_TEST : LONGEST;
  if (lines.length - 1 > longest) {
    problems.push(`${path} has ${lines.length - 1} lines: ${longest} at most, one concept each`);
  }
  if (!/^[.]?[a-z0-9]+([-.][a-z0-9]+)*$/.test(basename(path))) problems.push(`${path}: file names are kebab-case`);
  return problems;
}
