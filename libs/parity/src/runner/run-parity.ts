import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { BatonError, removeTree, sweepTemporaries, temporaryName } from '@baton/kernel';
import type { LoadedManifest, ParitySection } from '@baton/manifest';
import { obsolete } from '../golden/check-goldens.ts';
import type { Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Fault, ParityResult } from '../model/verdict.ts';
import type { ParityRunOptions } from '../options.ts';
import { selfTest } from '../selftest/self-test.ts';
import type { SubjectSpec } from '../subject/subject-spec.ts';
import { costsFrom, readCosts, writeCosts } from './costs.ts';
import { writeEvidence } from './evidence-directory.ts';
import { exitCodeOf } from './exit-code.ts';
import { judgeSuite } from './judge-suite.ts';
import type { ParityIo } from './parity-io.ts';
import { type ParityParts, parityParts } from './parity-parts.ts';
import { costsFile, evidenceDirectory, paritySection } from './parity-project.ts';
import { writeParityStatement } from './parity-statement.ts';
import { faultOf } from './scenario-verdict.ts';
import type { Costs } from './schedule.ts';
import { selectScenarios } from './select-scenarios.ts';
import { inShard, parseShard, type Shard } from './shards.ts';
import { skipFaults } from './skip-faults.ts';
import { subjectSpec } from './subject-specs.ts';
import { toolDigest } from './tool-digest.ts';
import { noCache, verdictCache } from './verdict-cache.ts';

/**
 * Runs OLD and NEW of a project on its scenarios, compares everything they do, and leaves result, reports and statement in `dist`.
 *
 * A scenario that diverges is a result and no error. Errors are what keeps the run from being made: no scenario (`PARITY_EMPTY`), a
 * subject that is not there (`SUBJECT_NOT_FOUND`), OLD and NEW being one thing (`SUBJECTS_IDENTICAL`), an interruption; whatever a
 * former run left is untouched then.
 */
export async function runParity(
  project: LoadedManifest,
  options: ParityRunOptions,
  io: ParityIo,
  parts: ParityParts = parityParts,
): Promise<ParityResult> {
  const began = performance.now();
  const section = paritySection(project);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  const costsPath = costsFile(project, section);
  const costs = costsFrom(await readCosts(costsPath));
  const { scenarios, selection } = chosen(
    project,
    options.noise === undefined ? suite : undeclared(suite),
    options,
    shard,
    costs,
  );
  const faults = await obsoleteGoldens(project, section, suite, parts);

  const directory = evidenceDirectory(project);
  await sweepTemporaries(dirname(directory));
  const scratch = temporaryName(directory);
  const opened: Subject[] = [];
  try {
    const specs = bothSpecs(project, section, options);
    for (const spec of specs) opened.push(await parts.openSubject(spec, io));
    const [old, found] = opened as [Subject, Subject];
    const identities = { old: await old.identity(), new: await found.identity() };
    if (options.noise === undefined && identities.old.digest === identities.new.digest)
      throw identical(identities.old.digest);
    const tester = selfTest(parts.compare);
    const judged = await judgeSuite(
      scenarios,
      {
        old,
        new: found,
        compare: parts.compare,
        selfTest: tester,
        today: options.date ?? new Date().toISOString().slice(0, 10),
        directory: scratch,
        signal: io.signal,
      },
      {
        costs,
        concurrency: options.concurrency ?? section.concurrency ?? defaultConcurrency(),
        // What is not done the same twice is not to be remembered.
        cache: options.cache && options.noise === undefined ? verdictCache(io.cacheDir) : noCache,
        tool: await toolDigest(),
        leaveOut: leaveOut(section),
        emit: io.emit,
      },
    );
    faults.push(...judged.faults);
    if (judged.faults.length === 0) faults.push(...skipFaults(judged.verdicts, section.maxSkips));
    const result: ParityResult = {
      version: 1,
      project: project.manifest.name,
      old: namedFrom(project, identities.old),
      new: namedFrom(project, identities.new),
      tier: scenarios.some(({ clock }) => clock.kind === 'real') ? 'T2' : 'T1',
      scenarios: judged.verdicts,
      ...(shard === undefined ? {} : { shard }),
      ...(selection === undefined ? {} : { selection }),
      noise: options.noise !== undefined,
      faults,
      selfTest: tester.counts(),
      exitCode: exitCodeOf(judged.verdicts, faults),
      seconds: Math.round((performance.now() - began) / 100) / 10,
    };
    await writeEvidence(directory, result, join(scratch, 'kept'));
    await parts.writeReports(result, { directory, project }, io);
    await writeParityStatement(project, suite, result, io.env);
    if (options.recordCosts) await writeCosts(costsPath, result.scenarios, suite);
    return result;
  } finally {
    for (const subject of opened) await subject.close();
    await removeTree(scratch);
  }
}

// Most of what scenarios of agents do is wait, so many fit beside each other.
function defaultConcurrency(): number {
  return 4 * availableParallelism();
}

function chosen(
  project: LoadedManifest,
  suite: readonly Scenario[],
  options: ParityRunOptions,
  shard: Shard | undefined,
  costs: Costs,
): ReturnType<typeof selectScenarios> {
  const section = paritySection(project);
  if (suite.length === 0) {
    throw new BatonError('PARITY_EMPTY', `no scenario is in ${section.scenarios} of ${project.manifest.name}`, {
      hint: 'Write one, or point parity.scenarios of agent.yaml at where they are.',
    });
  }
  const selected = selectScenarios(suite, options);
  if (shard === undefined) return selected;
  const scenarios = inShard(selected.scenarios, costs, shard);
  if (scenarios.length > 0) return { ...selected, scenarios };
  throw new BatonError(
    'PARITY_EMPTY',
    `shard ${shard.index} of ${shard.count} holds none of the ${selected.scenarios.length} scenarios`,
    { hint: 'Use fewer shards.' },
  );
}

// What is declared is a difference between OLD and NEW; nothing is declared to differ from itself.
function undeclared(suite: readonly Scenario[]): Scenario[] {
  return suite.map((scenario) => ({ ...scenario, diverge: [] }));
}

async function obsoleteGoldens(
  project: LoadedManifest,
  section: ParitySection,
  suite: readonly Scenario[],
  parts: ParityParts,
): Promise<Fault[]> {
  if (section.old.goldens === undefined) return [];
  const known = new Set(suite.map(({ id }) => id));
  const ids = await parts.goldenIds(resolve(project.dir, section.goldens));
  return ids.filter((id) => !known.has(id)).map((id) => faultOf(obsolete(id)));
}

function bothSpecs(project: LoadedManifest, section: ParitySection, { noise }: ParityRunOptions): SubjectSpec[] {
  const specs = [subjectSpec(project, section, noise ?? 'old'), subjectSpec(project, section, noise ?? 'new')];
  if (noise !== undefined && specs[0]?.kind === 'golden') {
    throw new BatonError('USAGE', '--noise old: OLD is recorded, and a recording does the same each time', {
      hint: 'Run NEW twice with --noise new; "baton parity record" runs OLD twice by itself.',
    });
  }
  return specs;
}

function leaveOut(section: ParitySection): (scenario: Scenario) => string | undefined {
  if (section.clock !== undefined) return () => undefined;
  return ({ clock }) =>
    clock.kind === 'frozen' ? 'its clock is frozen, and agent.yaml does not say how (parity.clock)' : undefined;
}

// A result is read on other machines: a place below the project is called by its path from there.
function namedFrom(project: LoadedManifest, identity: ParityResult['old']): ParityResult['old'] {
  const path = relative(resolve(project.dir), identity.name);
  return identity.name.startsWith('/') && !path.startsWith('..') ? { ...identity, name: path } : identity;
}

function identical(digest: string): BatonError {
  return new BatonError(
    'SUBJECTS_IDENTICAL',
    `OLD and NEW are the same thing (${digest}): comparing them proves nothing`,
    {
      hint: 'To see what a subject does not do the same twice, declare it: --noise new',
    },
  );
}
