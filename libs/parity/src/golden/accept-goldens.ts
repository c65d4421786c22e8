import { resolve } from 'node:path';
import { BatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { Identity } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ParityAcceptOptions } from '../options.ts';
import { type Evidence, keptObservation, readEvidence } from '../runner/evidence-directory.ts';
import type { ParityIo } from '../runner/parity-io.ts';
import { type ParityParts, parityParts } from '../runner/parity-parts.ts';
import { evidenceDirectory, paritySection } from '../runner/parity-project.ts';
import { selectScenarios } from '../runner/select-scenarios.ts';
import { misfit } from './golden-fit.ts';
import { type GoldenOrigin, keptIdentity } from './golden-manifest.ts';
import { type GoldenStore, openGoldens } from './golden-store.ts';
import { refuseInCi } from './read-only.ts';

/** What was accepted. */
export interface GoldenAcceptance {
  new: Identity;
  /** Ids. */
  accepted: string[];
  /** Ids that were asked for and did not differ. */
  unchanged: string[];
}

/**
 * Takes what NEW did in the last run for right: the goldens of scenarios that diverged are replaced, and say so for ever. Errors:
 * `GOLDEN_READ_ONLY` in CI, `USAGE`, `SCENARIO_NOT_FOUND`, `EVIDENCE_MISSING`, and whatever makes an observation no golden; nothing is
 * written unless everything can be.
 */
export async function acceptGoldens(
  project: LoadedManifest,
  options: ParityAcceptOptions,
  io: Pick<ParityIo, 'env' | 'signal'>,
  parts: Pick<ParityParts, 'loadSuite'> = parityParts,
): Promise<GoldenAcceptance> {
  refuseInCi(io.env, 'accept');
  const { only, all, because } = options;
  if (all === only.length > 0) {
    throw new BatonError('USAGE', 'expected scenarios to accept, by --only or with --all, and not both', {
      hint: 'baton parity accept --only stream/one, or: baton parity accept --all --because "why NEW is right"',
    });
  }
  if (all && because === undefined) {
    throw new BatonError('USAGE', '--all without --because: whoever reads the goldens will ask why NEW is right', {
      hint: 'baton parity accept --all --because "the new wording of issue 217"',
    });
  }
  const section = paritySection(project);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  const evidence = await readEvidence(evidenceDirectory(project));
  const identity = keptIdentity(evidence.result.new, project.dir);
  const store = openGoldens(resolve(project.dir, section.goldens));
  const { scenarios } = selectScenarios(suite, { only, tag: [] });
  return await store.writing(async () => await acceptInto(store, scenarios, evidence, identity, options), {
    signal: io.signal,
  });
}

async function acceptInto(
  store: GoldenStore,
  scenarios: readonly Scenario[],
  evidence: Evidence,
  identity: GoldenOrigin['identity'],
  { all, because }: ParityAcceptOptions,
): Promise<GoldenAcceptance> {
  const { result } = evidence;
  if (result.noise) {
    throw new BatonError('EVIDENCE_MISMATCH', 'the last run compared one subject with itself, so it knows no NEW', {
      hint: 'Run "baton parity run" without --noise first.',
    });
  }
  const states = new Map(result.scenarios.map(({ scenario, state }) => [scenario, state]));
  const chosen = scenarios.filter(({ id }) => !all || states.get(id) === 'diverged');
  const [diverged, unchanged] = [chosen.filter(isDiverged), chosen.filter((scenario) => !isDiverged(scenario))];
  const origin: GoldenOrigin = {
    kind: 'accepted-from-new',
    identity,
    ...(because !== undefined && { because }),
  };
  const observations = [];
  for (const scenario of diverged) {
    const observation = await keptObservation(evidence, scenario.id, 'new');
    const fault = misfit(scenario, observation, `what NEW did in ${scenario.id}`);
    if (fault !== undefined) throw fault;
    observations.push({ scenario, observation });
  }
  for (const { scenario, observation } of observations) await store.write(scenario, observation, origin);
  return { new: identity, accepted: diverged.map(({ id }) => id), unchanged: unchanged.map(({ id }) => id) };

  function isDiverged({ id }: Scenario): boolean {
    const state = states.get(id);
    if (state === 'diverged') return true;
    if (state === 'equal' || state === 'declared') return false;
    throw new BatonError(
      'EVIDENCE_MISSING',
      `the last run says nothing about what NEW did in ${id} (${state ?? 'not in it'})`,
      {
        hint: `Run it: baton parity run --only ${id}`,
      },
    );
  }
}
