import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { BatonError, plural, removeTree, sweepTemporaries, temporaryName, writeFileAtomic } from '@baton/kernel';
import type { LoadedManifest, ParitySection } from '@baton/manifest';
import type { Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ParityFuzzOptions } from '../options.ts';
import type { ParityIo } from '../runner/parity-io.ts';
import { type ParityParts, parityParts } from '../runner/parity-parts.ts';
import { paritySection } from '../runner/parity-project.ts';
import { subjectSpec } from '../runner/subject-specs.ts';
import { loadDefaults } from '../scenario/load-scenario.ts';
import { writeScenario } from '../scenario/write-scenario.ts';
import type { SubjectSpec } from '../subject/subject-spec.ts';
import { foundScenario, fuzzSubjects } from './fuzz-subjects.ts';
import { fuzzText } from './fuzz-text.ts';
import { openResident } from './resident-port.ts';
import { foundText } from './tee-scenario.ts';

/** What a search gave. */
export interface FuzzResult {
  tier: 'scenarios' | 'text';
  seed: number;
  /** Cases with a verdict, or without one for a reason that is counted below. */
  tried: number;
  seconds: number;
  found?: FuzzFound;
  /** Differences that a second attempt did not have. */
  flaky: number;
  /** Scenarios without a verdict, by code. */
  undetermined: Readonly<Record<string, number>>;
  interrupted: boolean;
}

/** A difference, and the scenario that shows it. */
export interface FuzzFound {
  /** From 1. */
  number: number;
  /** Draws this very case as the first: `--seed`. */
  seed: number;
  path: string;
  message: string;
  shrinks: number;
  /** False when shrinking was ended early: it may get smaller. */
  complete: boolean;
  scenario: string;
  file: string;
}

/**
 * Draws cases until OLD and NEW differ, shrinks what was found and writes it as a scenario of the project. A time that is over, or an
 * interruption, ends it with what it has.
 *
 * Errors: `USAGE` when OLD or NEW is not live, `SUBJECTS_IDENTICAL`, and those of subjects.
 */
export async function fuzzParity(
  project: LoadedManifest,
  options: ParityFuzzOptions,
  io: ParityIo,
  parts: ParityParts = parityParts,
): Promise<FuzzResult> {
  const began = performance.now();
  const section = paritySection(project);
  const seed = options.seed ?? randomInt(2 ** 31);
  // A controller of its own: one that only hangs on AbortSignal.any may be collected before its time is over.
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = options.time === undefined ? undefined : setTimeout(end, options.time * 1000);
  io.signal.addEventListener('abort', end, { once: true });
  if (io.signal.aborted) end();
  io.emit({ type: 'plan', label: `seed ${seed}` });
  const search = { seed, count: options.count, signal: over.signal, onCase: progress(io, options.count) };
  const work = { project, section, options, io, parts, search };
  const { found, ...result } = await (options.tier === 'text' ? searchText(work) : searchSubjects(work)).finally(() => {
    clearTimeout(timer);
    io.signal.removeEventListener('abort', end);
  });
  const written =
    found === undefined ? {} : { found: { ...found.facts, ...(await keep(project, section, found.scenario)) } };
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { ...result, tier: options.tier, seed, seconds, interrupted: io.signal.aborted, ...written };
}

/** The error with which a search ends that found something, proved nothing, or was interrupted. */
export function fuzzError(result: FuzzResult): BatonError | undefined {
  const { found, tried, flaky, undetermined, interrupted } = result;
  if (found !== undefined) {
    return new BatonError('PARITY_DIVERGED', `OLD and NEW differ in case ${found.number}: ${found.message}`, {
      hint: `It is the scenario ${found.scenario} from now on (${found.file}).`,
    });
  }
  const cases = plural(tried, 'case');
  if (interrupted)
    return new BatonError('INTERRUPTED', `the search was interrupted after ${cases} without a difference`);
  if (tried === 0) {
    const hint = 'Give it more --time.';
    return new BatonError('PARITY_EMPTY', 'no case was tried to its end: nothing is proved', { hint });
  }
  const open = Object.values(undetermined).reduce((sum, count) => sum + count, flaky);
  if (open < tried) return undefined;
  return new BatonError('PARITY_UNDETERMINED', `none of ${cases} gave a verdict: nothing is proved`);
}

interface Work {
  project: LoadedManifest;
  section: ParitySection;
  options: ParityFuzzOptions;
  io: ParityIo;
  parts: ParityParts;
  search: { seed: number; count: number; signal: AbortSignal; onCase: (tried: number) => void };
}

interface Outcome extends Pick<FuzzResult, 'tried' | 'flaky' | 'undetermined'> {
  found?: { facts: Omit<FuzzFound, 'scenario' | 'file'>; scenario: Scenario };
}

async function searchText({ project, section, options, io, search }: Work): Promise<Outcome> {
  if (options.old.length === 0 || options.new.length === 0) {
    throw new BatonError('USAGE', '--tier text needs --old and --new: two resident programs', {
      hint: 'One --old for the program and one for each argument of it, such as --old node --old tee.js; the same for --new.',
    });
  }
  const open = (command: readonly string[]) => openResident({ command, cwd: project.dir, signal: io.signal });
  const ports = { old: open(options.old), new: open(options.new) };
  try {
    const { found, tried, flaky } = await fuzzText({ ...ports, ...search });
    const facts = found && { ...pick(found), message: found.finding.message };
    const scenario = found && foundText(found, { clocks: section.clock !== undefined });
    return { tried, flaky, undetermined: {}, ...(facts && scenario && { found: { facts, scenario } }) };
  } finally {
    await Promise.all([ports.old.close(), ports.new.close()]);
  }
}

async function searchSubjects({ project, section, options, io, parts, search }: Work): Promise<Outcome> {
  const specs = options.noise
    ? [liveSpec(project, section, options, 'new')]
    : (['old', 'new'] as const).map((side) => liveSpec(project, section, options, side));
  const directory = temporaryName(join(project.dir, 'dist', 'parity-fuzz'));
  await sweepTemporaries(join(project.dir, 'dist'));
  const opened: Subject[] = [];
  try {
    for (const spec of specs) opened.push(await parts.openSubject(spec, io));
    const [old, found = old] = opened;
    if (old === undefined || found === undefined) throw new BatonError('SUBJECT_NOT_FOUND', 'there is no subject');
    await demandTwo(old, found, options.noise);
    const result = await fuzzSubjects({
      ...search,
      old,
      new: found,
      compare: parts.compare,
      clocks: section.clock !== undefined,
      concurrency: options.concurrency ?? section.concurrency ?? 4 * availableParallelism(),
      directory,
      onShrink: (attempts, { message }) =>
        io.emit({ type: 'shrink', label: message, detail: plural(attempts, 'attempt') }),
      onUndetermined: (error) => io.emit({ type: 'warn', label: error.code, detail: error.message }),
    });
    const { tried, flaky, undetermined } = result;
    const facts = result.found && { ...pick(result.found), message: result.found.finding.message };
    const scenario = result.found && foundScenario(result.found);
    return { tried, flaky, undetermined, ...(facts && scenario && { found: { facts, scenario } }) };
  } finally {
    for (const subject of opened) await subject.close();
    await removeTree(directory);
  }
}

function pick({ number, seed, path, shrinks, complete }: Omit<FuzzFound, 'message' | 'scenario' | 'file'>) {
  return { number, seed, path, shrinks, complete };
}

async function demandTwo(old: Subject, found: Subject, noise: boolean): Promise<void> {
  if (noise) return;
  const [one, other] = [await old.identity(), await found.identity()];
  if (one.digest !== other.digest) return;
  throw new BatonError(
    'SUBJECTS_IDENTICAL',
    `OLD and NEW are the same thing (${one.digest}): comparing them proves nothing`,
    {
      hint: 'Name another OLD with --old; to see what NEW does not do the same twice: --noise',
    },
  );
}

/** What the command line names, else what the manifest does; OLD may stand there as what is recorded. */
function liveSpec(
  project: LoadedManifest,
  section: ParitySection,
  options: ParityFuzzOptions,
  side: 'old' | 'new',
): SubjectSpec {
  const [word, ...rest] = options[side];
  const from = side === 'old' && section.record !== undefined ? section.record : section[side];
  if (word === undefined) {
    const spec = subjectSpec(project, { ...section, [side]: from }, side);
    if (spec.kind !== 'golden') return spec;
    throw new BatonError('USAGE', `${project.path} names no OLD that can be run: parity.old is what was recorded`, {
      hint: 'Name it: --old IMAGE-LAYOUT, --old REFERENCE@sha256:..., or --old PROGRAM --old ARGUMENT',
    });
  }
  const isImage =
    rest.length === 0 && (word.includes('@sha256:') || existsSync(join(resolve(project.dir, word), 'index.json')));
  const { mounts } = from;
  const named = isImage ? { image: word } : { command: [word, ...rest], ...(mounts && { mounts }) };
  return subjectSpec(project, { ...section, [side]: named }, side);
}

async function keep(
  project: LoadedManifest,
  section: ParitySection,
  scenario: Scenario,
): Promise<Pick<FuzzFound, 'scenario' | 'file'>> {
  const directory = resolve(project.dir, section.scenarios);
  const file = join(directory, `${scenario.id}.yaml`);
  await writeFileAtomic(file, writeScenario(scenario, await loadDefaults(directory)));
  return { scenario: scenario.id, file };
}

function progress({ emit }: ParityIo, total: number): (tried: number) => void {
  const each = Math.max(1, Math.ceil(total / 500));
  return (done) => {
    if (done % each === 0) emit({ type: 'fuzz.progress', id: 'fuzz', label: 'cases', done, total, unit: 'items' });
  };
}
