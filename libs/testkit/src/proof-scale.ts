/** Whether only a part of each long proof shall run (`npm run prove -- --short`), as in CI. */
export function isShortProof(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.BATON_PROVE === 'short';
}

/** Keeps every `step`-th of a long list when the proofs are short, first and last included; else all of them. */
export function proofSample<T>(list: readonly T[], step: number, env: NodeJS.ProcessEnv = process.env): T[] {
  return list.filter((_, i) => !isShortProof(env) || i % step === 0 || i === list.length - 1);
}
