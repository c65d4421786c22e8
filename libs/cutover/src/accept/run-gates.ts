import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  capabilityOf,
  type EvidencePolicy,
  type ReadStatement,
  type Result,
  readStatement,
  refusalOf,
  subjectDigests,
} from '@baton/evidence';
import { BatonError, compareText, errnoOf, toBatonError } from '@baton/kernel';
import type { Gate } from '../model/manifest.ts';
import type { CriterionResult } from '../model/plan.ts';

/** Where gates look, and what they accept. */
export interface GateOptions {
  /** The directory of the manifest: `from` is relative to it. */
  directory: string;
  /** `unsigned` when left out. */
  policy?: EvidencePolicy;
}

type Judgement = Pick<CriterionResult, 'state' | 'detail'>;

const GOOD: Readonly<Record<Gate['evidence'], readonly Result[]>> = {
  parity: ['equal', 'equal-with-divergence'],
  imported: ['imported'],
  image: ['built', 'published'],
  verify: ['verified'],
};

/**
 * Looks for the statements that the gates demand, in all `.json` files of the directories. One that is not there is pending; one
 * about another image or corpus, with another result, damaged, or refused by the policy is failed. One good statement is enough.
 */
export async function runGates(gates: readonly Gate[], options: GateOptions): Promise<CriterionResult[]> {
  const results: CriterionResult[] = [];
  for (const gate of gates) {
    const places = (gate.from ?? ['dist/evidence']).map((place) => resolve(options.directory, place));
    const found = (await Promise.all(places.map((place) => statementsIn(place, gate, options)))).flat();
    results.push({ id: gate.id, text: textOf(gate), ...verdict(gate, found, options) });
  }
  return results;
}

type Found = { path: string; read: ReadStatement } | { path: string; damaged: string };

async function statementsIn(place: string, gate: Gate, { policy }: GateOptions): Promise<Found[]> {
  const names = place.endsWith('.json') ? [''] : await namesIn(place);
  const found: Found[] = [];
  for (const name of names) {
    const path = join(place, name);
    try {
      const read = await readStatement(path, { verifier: policy?.verifier });
      if (isKind(read, gate)) found.push({ path, read });
    } catch (error) {
      if (!(error instanceof BatonError)) throw error;
      // Other files may lie there; one that has the name of what is wanted is meant.
      const isMeant = name === '' || name === `${gate.evidence}.json` || name.startsWith(`${gate.evidence}-`);
      if (isMeant && error.code !== 'EVIDENCE_MISSING') found.push({ path, damaged: error.message });
    }
  }
  return found;
}

async function namesIn(place: string): Promise<string[]> {
  try {
    const names = await readdir(place);
    return names.filter((name) => name.endsWith('.json') && !name.endsWith('.dsse.json')).sort(compareText);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw toBatonError(error);
  }
}

function isKind({ statement }: ReadStatement, gate: Gate): boolean {
  if (capabilityOf(statement) !== gate.evidence) return false;
  if (gate.evidence !== 'imported' || gate.name === undefined) return true;
  const { imported } = statement.predicate;
  return typeof imported === 'object' && imported !== null && 'kind' in imported && imported.kind === gate.name;
}

function verdict(gate: Gate, found: readonly Found[], options: GateOptions): Judgement {
  const judged = found.map((one) => judge(gate, one, options));
  return (
    judged.find(({ state }) => state === 'passed') ??
    judged.find(({ state }) => state === 'pending') ??
    judged[0] ?? {
      state: 'pending',
      detail: `no such statement is in ${(gate.from ?? ['dist/evidence']).join(', ')}`,
    }
  );
}

function judge(gate: Gate, found: Found, { policy = { policy: 'unsigned' } }: GateOptions): Judgement {
  if ('damaged' in found) return { state: 'failed', detail: found.damaged };
  const { statement, signature, digest } = found.read;
  const failed = (detail: string): Judgement => ({ state: 'failed', detail: `${found.path}: ${detail}` });
  const subjects: string[] = subjectDigests(statement);
  if (gate.image !== undefined && !subjects.includes(gate.image)) {
    return failed(`expected a statement about ${gate.image}, found one about ${subjects.join(', ') || 'no sha256'}`);
  }
  const corpus = statement.predicate.materials.filter(({ role }) => role === 'scenarios' || role === 'corpus');
  const digests: (string | undefined)[] = corpus.map(
    (material) => material.digest.sha256 && `sha256:${material.digest.sha256}`,
  );
  if (gate.corpus !== undefined && !digests.includes(gate.corpus)) {
    return failed(`expected the corpus ${gate.corpus}, found ${digests.join(', ') || 'none'}`);
  }
  const { result, checks } = statement.predicate;
  if (!GOOD[gate.evidence].includes(result)) {
    return failed(`expected the result ${GOOD[gate.evidence].join(' or ')}, found ${result}`);
  }
  const bad = checks.find((check) => check.result === 'failed');
  if (bad !== undefined)
    return failed(`the check ${bad.id} failed${bad.detail === undefined ? '' : `: ${bad.detail}`}`);
  const refusal = refusalOf(found.read, policy);
  if (refusal !== undefined) return failed(refusal);
  const open = checks.find((check) => check.result === 'pending');
  if (open !== undefined) return { state: 'pending', detail: `${found.path}: the check ${open.id} is pending` };
  return {
    state: 'passed',
    detail: `${result}, ${signature === 'valid' ? 'signed' : 'unsigned'}, statement ${digest}`,
  };
}

function textOf({ evidence, image, corpus, name }: Gate): string {
  const about = [image === undefined ? '' : ` about ${image}`, corpus === undefined ? '' : ` on the corpus ${corpus}`];
  if (evidence === 'imported') return `the imported result of ${name ?? 'a suite'}${about.join('')}`;
  return `a statement by ${evidence}${about.join('')}`;
}
