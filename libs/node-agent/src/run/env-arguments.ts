import { encodeOs, type PyValue } from '../python-text/index.ts';

/** Arguments with the variables that they named put in their place. */
export interface ResolvedArguments {
  readonly resolved: readonly PyValue[];
  /** Names of variables that do not exist, in the order of the arguments, repetitions kept. Where there are any, the step must not run. */
  readonly missing: readonly string[];
}

const PREFIX = 'env:';

/**
 * Replaces each argument that begins with `env:` by that variable of the agent's environment (contract, section 9 item 1, T38).
 *
 * The name ends at a further `env:`. An empty variable is a value. UnicodeEncodeError for a name that no variable can have.
 */
export function resolveArguments(
  stepArguments: readonly PyValue[],
  env: ReadonlyMap<string, string>,
): ResolvedArguments {
  const missing: string[] = [];
  const resolved = stepArguments.map((argument) => {
    if (typeof argument !== 'string' || !argument.startsWith(PREFIX)) return argument;
    const name = argument.split(PREFIX)[1] ?? '';
    encodeOs(name);
    const value = env.get(name);
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  return { resolved, missing };
}
