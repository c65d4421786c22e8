import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryFiles } from './repository-files.ts';
import type { Step } from './step.ts';

/** The only actions in use, each at one commit. A new one comes with a reason (docs/dependencies.md). */
export const PINS: Readonly<Record<string, { commit: string; version: string }>> = {
  'actions/checkout': { commit: 'de0fac2e4500dabe0009e67214ff5f5447ce83dd', version: 'v6.0.2' },
  'actions/setup-node': { commit: '6044e13b5dc448c55e2357c09f80417699197238', version: 'v6.2.0' },
  'actions/upload-artifact': { commit: 'b7c566a772e6b6bfb58ed0dc250532a479d7789f', version: 'v6.0.0' },
  'actions/download-artifact': { commit: '37930b1c2abaa49bbe596cd826c3c89aef350131', version: 'v7.0.0' },
  'actions/attest': { commit: '59d89421af93a897026c735860bf21b6eb4f7b26', version: 'v4.1.0' },
  'sigstore/cosign-installer': { commit: 'faadad0cce49287aee09b3a48701e75088a2c6ad', version: 'v4.0.0' },
};

/** Rules for the workflows: pinned actions, least permissions, time limits, no text of events in a shell. */
export const workflows: Step = {
  name: 'workflows',
  async run(root) {
    const files = (await repositoryFiles(root)).filter((path) => /^[.]github\/workflows\/[^/]+[.]ya?ml$/.test(path));
    const problems: string[] = [];
    for (const file of files) {
      const text = await readFile(join(root, file), 'utf8');
      problems.push(...judgeWorkflow(text).map((problem) => `${file}${problem}`));
    }
    if (files.length === 0) problems.push('.github/workflows has no workflow');
    return { summary: `${files.length} files`, problems };
  },
};

/**
 * What is wrong with a workflow; each problem starts with `:line: `.
 *
 * It reads lines, and so asks for the plain form: two spaces of indentation, block style, one command a `run`.
 */
export function judgeWorkflow(text: string): string[] {
  const lines = text.split('\n');
  const problems: string[] = [];
  const say = (index: number, problem: string): void => void problems.push(`:${index + 1}: ${problem}`);
  if (!lines.includes('permissions: {}')) say(0, 'top level needs "permissions: {}"; each job asks for what it needs');
  if (!lines.some((line) => line.startsWith('concurrency:'))) say(0, 'top level needs a concurrency group');
  for (const [i, line] of lines.entries()) {
    if (/\t/.test(line)) say(i, 'tabs cannot be judged');
    if (/\bpull_request_target\b/.test(line)) say(i, 'pull_request_target runs foreign code with our secrets');
    const uses = /^\s*(?:- )?uses:\s*(.*)$/.exec(line)?.[1];
    if (uses !== undefined) for (const problem of judgeAction(uses, lines.slice(i + 1, i + 8))) say(i, problem);
    const run = /^\s*(?:- )?run:\s*(.*)$/.exec(line)?.[1];
    if (run === undefined) continue;
    if (run.includes('${{')) say(i, 'text of an event in a shell command: pass it by env');
    if (!/^(npm|npx|bash [.]ci\/)\S*( |$)/.test(run))
      say(i, 'a step is one npm, npx or .ci call, so that it can be made anywhere');
  }
  for (const { name, index, body } of jobs(lines)) {
    if (!body.some((line) => /^ {4}permissions:/.test(line))) say(index, `job ${name} needs its own permissions`);
    if (!body.some((line) => /^ {4}timeout-minutes: \d+$/.test(line))) say(index, `job ${name} needs a time limit`);
  }
  return problems;
}

function judgeAction(uses: string, following: readonly string[]): string[] {
  const [, name = '', commit = '', version = ''] = /^([\w-]+\/[\w-]+)@([0-9a-f]{40}) # (v[\d.]+)$/.exec(uses) ?? [];
  if (name === '') return [`"${uses}" must be owner/name@<commit> # <version>`];
  const pin = PINS[name];
  if (pin === undefined) return [`${name} is not in the table of actions`];
  if (pin.commit !== commit || pin.version !== version) return [`${name} must be ${pin.commit} # ${pin.version}`];
  if (name !== 'actions/checkout') return [];
  const end = following.findIndex((line) => /^\s*- /.test(line));
  const own = end === -1 ? following : following.slice(0, end);
  return own.some((line) => /^\s*persist-credentials: false$/.test(line))
    ? []
    : ['checkout needs "persist-credentials: false"'];
}

function jobs(lines: readonly string[]): { name: string; index: number; body: string[] }[] {
  const found: { name: string; index: number; body: string[] }[] = [];
  for (let i = lines.indexOf('jobs:') + 1; i > 0 && i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (/^\S/.test(line)) break;
    const name = /^ {2}([\w-]+):$/.exec(line)?.[1];
    if (name !== undefined) found.push({ name, index: i, body: [] });
    else found.at(-1)?.body.push(line);
  }
  return found;
}
