import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { BatonError } from '@baton/kernel';
import { findProgram, isProgram, programDirectories } from './find-program.ts';
import type { ProcessSpec, SubjectMount } from './subject-spec.ts';
import { APPLETS } from './tree-layout.ts';

/** A command whose files were found. */
export interface ResolvedCommand {
  /** As the subject's file system has it. */
  command: string[];
  /** The program on this machine, links followed. */
  program: string;
  /** The script that the program was given, if it was. */
  script: string | undefined;
  /** Everything that must be in the subject's file system. */
  mounts: SubjectMount[];
}

const SCRIPT = /[.](?:[cm]?[jt]s|py|pyz|rb|pl|sh|lua|jar|php)$/;

/** Finds the program, its interpreter and its script. Errors: `SUBJECT_NOT_FOUND`, with what was looked for. */
export function resolveCommand(spec: ProcessSpec, env: NodeJS.ProcessEnv): ResolvedCommand {
  const cwd = resolve(spec.cwd ?? '.');
  const declared = (spec.mounts ?? []).map(({ source, target }) => ({ source: resolve(cwd, source), target }));
  for (const { source, target } of declared) {
    if (!existsSync(source)) throw notFound(`${source}, which is mounted at ${target}`, spec);
  }
  const [word = '', ...rest] = spec.command;
  const name = word.includes('/') && !isAbsolute(word) ? resolve(cwd, word) : word;
  const mounts: SubjectMount[] = [];

  const program = programOf(name, spec, declared, env);
  if (behindMount(program.inside, declared) === undefined) {
    mounts.push({ source: program.outside, target: program.inside });
  }
  const command = [program.inside];
  let script: string | undefined;
  for (const argument of rest) {
    const found = fileOf(argument, cwd, spec, declared);
    command.push(found?.inside ?? argument);
    if (found === undefined) continue;
    script ??= found.outside;
    if (behindMount(found.inside, declared) === undefined) mounts.push({ source: found.outside, target: found.inside });
  }
  for (const word of interpreterOf(program.outside).filter((path) => !ofBase(path))) {
    const path = programOf(word, spec, declared, env);
    if (behindMount(path.inside, declared) === undefined) mounts.push({ source: path.outside, target: path.inside });
  }
  return {
    command,
    program: program.outside,
    script,
    mounts: [...mounts, ...modulesBeside(script, declared), ...declared],
  };
}

interface Found {
  /** The path in the subject's file system. */
  inside: string;
  /** The file of this machine, links followed. */
  outside: string;
}

function programOf(name: string, spec: ProcessSpec, mounts: readonly SubjectMount[], env: NodeJS.ProcessEnv): Found {
  const mounted = isAbsolute(name) ? behindMount(name, mounts) : undefined;
  if (mounted !== undefined) {
    if (!isProgram(mounted)) throw notFound(`the program ${name}, which would be ${mounted}`, spec);
    return { inside: name, outside: realpathSync(mounted) };
  }
  if (isAbsolute(name)) {
    if (!isProgram(name)) throw notFound(`the program ${name}`, spec);
    return { inside: name, outside: realpathSync(name) };
  }
  const found = findProgram(name, env);
  if (found === undefined) throw notFound(`the program "${name}" in ${programDirectories(env).join(', ')}`, spec);
  return { inside: found, outside: realpathSync(found) };
}

function fileOf(word: string, cwd: string, spec: ProcessSpec, mounts: readonly SubjectMount[]): Found | undefined {
  if (word.startsWith('-') || !(word.includes('/') || SCRIPT.test(word)) || /\s/.test(word)) return undefined;
  const mounted = isAbsolute(word) ? behindMount(word, mounts) : undefined;
  const path = mounted ?? resolve(cwd, word);
  if (!existsSync(path)) throw notFound(`the file ${path}`, spec);
  return { inside: mounted === undefined ? path : word, outside: realpathSync(path) };
}

/** Where a path of the subject's file system is on this machine, when a mount holds it. */
function behindMount(path: string, mounts: readonly SubjectMount[]): string | undefined {
  for (const { source, target } of [...mounts].reverse()) {
    if (path === target) return source;
    if (path.startsWith(`${target}/`)) return join(source, path.slice(target.length));
  }
  return undefined;
}

/** The programs that the first line of a script names: `#!/usr/bin/env python3` names two. */
function interpreterOf(program: string): string[] {
  const file = openSync(program, 'r');
  try {
    const start = Buffer.alloc(256);
    const length = readSync(file, start, 0, start.length, 0);
    const [, interpreter, first] = /^#! *(\/\S+)(?: +(\S+))?/.exec(start.toString('latin1', 0, length)) ?? [];
    if (interpreter === undefined) return [];
    return first !== undefined && interpreter.endsWith('/env') && !first.startsWith('-')
      ? [interpreter, first]
      : [interpreter];
  } finally {
    closeSync(file);
  }
}

// The base has its own, the same on every machine.
function ofBase(interpreter: string): boolean {
  return APPLETS.some((applet) => interpreter === `/bin/${applet}`);
}

// What Node looks through first for the packages of a script.
function modulesBeside(script: string | undefined, declared: readonly SubjectMount[]): SubjectMount[] {
  if (script === undefined) return [];
  const modules = join(dirname(script), 'node_modules');
  const known = declared.some(({ source }) => source === modules || modules.startsWith(`${source}/`));
  return existsSync(modules) && !known ? [{ source: modules, target: modules }] : [];
}

function notFound(what: string, spec: ProcessSpec): BatonError {
  const command = spec.command.join(' ');
  return new BatonError(
    'SUBJECT_NOT_FOUND',
    `the subject "${command}" cannot be run: there is no ${what.replace(/^the /, '')}`,
    {
      hint: 'Build it first, or correct the command; what its root is to hold besides is a mount. A subject is never skipped.',
    },
  );
}
