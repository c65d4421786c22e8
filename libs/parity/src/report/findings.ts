import type { Divergence, ScenarioState, ScenarioVerdict } from '../model/verdict.ts';

/** One thing that is wrong with a scenario, whatever found it. */
export interface Finding {
  /** Kind of the divergence, or code of the error. */
  kind: string;
  message: string;
  channel?: string;
  /** One sentence that other scenarios may share. */
  cause?: string;
  hint?: string;
  divergence?: Divergence;
}

/** Everything that keeps a scenario from being equal, the most telling first; empty when it is equal or as declared. */
export function findingsOf(verdict: ScenarioVerdict): Finding[] {
  const findings: Finding[] = verdict.divergences.map((divergence) => ({
    kind: divergence.kind,
    message: divergence.message,
    channel: divergence.channel,
    ...(divergence.explain === undefined ? {} : { cause: divergence.explain }),
    divergence,
  }));
  for (const { code, message, hint } of verdict.refusals) {
    findings.push({ kind: code, message, ...(hint === undefined ? {} : { hint }) });
  }
  if (findings.length === 0 && !isGood(verdict.state)) {
    const kind = verdict.code ?? verdict.state;
    findings.push({ kind, message: verdict.reason ?? 'No reason was given.' });
  }
  return findings;
}

/** What was found, with the channel in front where the sentence itself does not begin with it. */
export function findingSentence({ channel, message }: Finding): string {
  return channel === undefined || message.startsWith(channel) ? message : `${channel}: ${message}`;
}

/** Whether a state lets the run be green. */
export function isGood(state: ScenarioState): boolean {
  return state === 'equal' || state === 'declared';
}

/** Findings of several scenarios that have one cause. */
export interface CauseGroup {
  /** The sentence of the rule that knows it; undefined where no rule does, and they share only their kind. */
  cause?: string;
  kind: string;
  scenarios: readonly string[];
  findings: number;
}

/** Divergences grouped by what explains them, or by kind where nothing does; the group with most scenarios first. */
export function causeGroups(verdicts: readonly ScenarioVerdict[]): CauseGroup[] {
  const groups = new Map<string, { cause?: string; kind: string; scenarios: Set<string>; findings: number }>();
  for (const verdict of verdicts) {
    for (const { cause, kind } of findingsOf(verdict)) {
      const key = causeKey({ ...(cause === undefined ? {} : { cause }), kind });
      const group = groups.get(key) ?? {
        ...(cause === undefined ? {} : { cause }),
        kind,
        scenarios: new Set(),
        findings: 0,
      };
      group.scenarios.add(verdict.scenario);
      group.findings += 1;
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .map((group) => ({ ...group, scenarios: [...group.scenarios] }))
    .sort((a, b) => b.scenarios.length - a.scenarios.length);
}

/** What findings of one group have in common. */
export function causeKey({ cause, kind }: { cause?: string; kind: string }): string {
  return cause === undefined ? `kind ${kind}` : `cause ${cause}`;
}

/** What a group is called. Codes of errors and states speak for themselves; a kind of divergence is no cause. */
export function causeLabel({ cause, kind }: { cause?: string; kind: string }): string {
  if (cause !== undefined) return cause;
  return kind === 'not-run' || kind === 'undetermined' || /^[A-Z_]+$/.test(kind)
    ? kind
    : `${kind}, explained by no rule`;
}
