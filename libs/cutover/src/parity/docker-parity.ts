import { type DockerfileFacts, type DockerStage, dockerfileFacts } from '@baton/edit';
import { compareCapabilities, type Parity } from './capabilities.ts';

/**
 * Compares the images that two Dockerfiles make: of the last stage, with what it takes over from the stages it stands on. Stages
 * count by name where somebody builds them alone (`targeted`).
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID` for a file that is no Dockerfile
 */
export function dockerParity(before: Uint8Array, after: Uint8Array, targeted: ReadonlySet<string>): Parity {
  return compareCapabilities(capabilities(before, targeted), capabilities(after, targeted));
}

function capabilities(bytes: Uint8Array, targeted: ReadonlySet<string>): string[] {
  const facts = dockerfileFacts(bytes);
  const chain = stageChain(facts);
  const last = <T>(pick: (stage: DockerStage) => T | undefined): T | undefined => {
    for (const stage of chain) {
      const value = pick(stage);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const merged = (pick: (stage: DockerStage) => Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(Object.assign({}, ...chain.toReversed().map(pick)) as Record<string, string>);
  const listed = (pick: (stage: DockerStage) => readonly string[]): string[] => chain.toReversed().flatMap(pick);
  const one = (name: string, value: readonly string[] | string | undefined): string[] =>
    value === undefined ? [] : [`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  const named = facts.stages.flatMap(({ name, index }) => [...(name === undefined ? [] : [name]), String(index)]);
  return [
    ...one(
      'entrypoint',
      last((stage) => stage.entrypoint),
    ),
    ...one(
      'cmd',
      last((stage) => stage.cmd),
    ),
    // Left out is a choice as well: an image that ran as root and now does not cannot do what it did.
    ...one('user', last((stage) => stage.user) ?? '(of the base image)'),
    ...one(
      'workdir',
      last((stage) => stage.workdir),
    ),
    ...one(
      'stop signal',
      last((stage) => stage.stopSignal),
    ),
    ...one(
      'healthcheck',
      last((stage) => stage.healthcheck),
    ),
    ...merged((stage) => stage.labels).map(([key, value]) => `label ${key}=${value}`),
    ...merged((stage) => stage.env).map(([key, value]) => `env ${key}=${value}`),
    ...listed((stage) => stage.expose).map((port) => `port ${port}`),
    ...listed((stage) => stage.volumes).map((volume) => `volume ${volume}`),
    ...[...facts.args, ...facts.stages.flatMap(({ args }) => args)].map(({ name }) => `arg ${name}`),
    ...named.filter((name) => targeted.has(name)).map((name) => `stage ${name}`),
  ];
}

/** The last stage and those it stands on, from the last one down. */
function stageChain({ stages }: DockerfileFacts): DockerStage[] {
  const chain: DockerStage[] = [];
  let stage = stages.at(-1);
  while (stage !== undefined) {
    chain.push(stage);
    const { from, index }: DockerStage = stage;
    // Only stages above it can be meant.
    stage = stages.findLast((other) => other.index < index && (other.name ?? '').toLowerCase() === from.toLowerCase());
  }
  return chain;
}
