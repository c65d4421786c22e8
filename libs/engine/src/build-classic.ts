import { type Digest, type Emit, isDigest } from '@baton/kernel';
import { type BuildFollower, reportSteps, type Step } from './build-steps.ts';
import { followLayers } from './layer-progress.ts';

/** What a classic build made on its way, by short ID: what has to be removed when it does not come to its end. */
export interface Intermediates {
  /** Containers of steps that have not been removed, as far as the engine said. */
  containers: Set<string>;
  /** Images of steps that this build ran itself, oldest first; none of those that it took from the cache. */
  images: string[];
}

/** Follows a build of the classic builder, which tells what it does as text for people. */
export function followClassic(emit: Emit): BuildFollower & { intermediates: Intermediates } {
  const report = reportSteps(emit);
  const layers = followLayers(emit, 'pull', 'base');
  const intermediates: Intermediates = { containers: new Set(), images: [] };
  let step: (Step & { from: boolean; cached: boolean; ran: boolean }) | undefined;
  let number = 0;
  let image: Digest | undefined;

  const nextStep = (text: string): boolean => {
    const [, at = '', of = '', what = ''] = /^Step (\d+)\/(\d+) : (.*)$/s.exec(text) ?? [];
    // A program may print such a line as well: only the one that is due is a step.
    if (Number(at) !== number + 1) return false;
    if (step !== undefined) report.end(step, step.cached ? 'cached' : undefined);
    number += 1;
    const label = `[${at}/${of}] ${what.trim().split('\n')[0] ?? ''}`;
    step = { ...report.start(`step ${at}`, label), from: /^from\s/i.test(what), cached: false, ran: false };
    return true;
  };

  const note = (current: NonNullable<typeof step>, text: string): boolean => {
    const line = text.trimEnd();
    const running = /^ ---> Running in ([0-9a-f]{12,64})$/.exec(line)?.[1];
    if (running !== undefined && !current.ran) {
      current.ran = true;
      intermediates.containers.add(running);
      return true;
    }
    const removed = /^Removing intermediate container ([0-9a-f]{12,64})$/.exec(line)?.[1];
    if (removed !== undefined) return intermediates.containers.delete(removed);
    if (line === ' ---> Using cache') {
      current.cached = true;
      return true;
    }
    const made = /^ ---> ([0-9a-f]{12,64})$/.exec(line)?.[1];
    if (made === undefined) return line === ' --->' || /^Successfully (built|tagged) /.test(line);
    if (!current.from && !current.cached) intermediates.images.push(made);
    return true;
  };

  return {
    intermediates,
    see(frame) {
      const { stream, aux, status } = frame;
      if (status !== undefined) layers.see(frame);
      if (aux !== null && typeof aux === 'object' && 'ID' in aux && isDigest(aux.ID)) image = aux.ID;
      if (stream === undefined || nextStep(stream) || step === undefined || note(step, stream)) return;
      report.print(step, stream);
    },
    image: () => image,
    culprit: () => step,
    close() {
      layers.close();
      if (step === undefined) return;
      report.end(step, image === undefined ? 'not finished' : step.cached ? 'cached' : undefined);
      step = undefined;
    },
  };
}
