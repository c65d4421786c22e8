import { stripVTControlCharacters } from 'node:util';
import type { Digest, Emit } from '@baton/kernel';
import type { Frame } from './frames.ts';

/** One step of a build, while it is followed. */
export interface Step {
  id: string;
  /** `[3/7] RUN npm ci`. */
  label: string;
  /** The last lines that it printed. */
  tail: string[];
}

/** Follows one build by what the engine tells. */
export interface BuildFollower {
  see(frame: Frame): void;
  /** The ID of the result, once it is known. */
  image(): Digest | undefined;
  /** The step that failed, or that was under way when the build did. */
  culprit(): Step | undefined;
  /** Ends what is under way. */
  close(): void;
}

const TAIL = 20;
const LONGEST_LINE = 2_000;

/** Reports steps as events: `build.start`, `build.progress` with a printed line as `detail`, `build.end`. */
export interface StepReporter {
  start(id: string, label: string): Step;
  /** Takes what a step printed, in pieces of any size. */
  print(step: Step, bytes: Buffer | string): void;
  end(step: Step, detail?: string): void;
}

/** @param emit gets the events */
export function reportSteps(emit: Emit): StepReporter {
  const partial = new Map<Step, string>();
  const line = (step: Step, text: string): void => {
    const plain = stripVTControlCharacters(text).replace(/\r+$/, '');
    // What a progress bar wrote over is not worth keeping.
    const visible = plain.slice(plain.lastIndexOf('\r') + 1).slice(0, LONGEST_LINE);
    if (visible.trim() === '') return;
    step.tail.push(visible);
    if (step.tail.length > TAIL) step.tail.shift();
    emit({ type: 'build.progress', id: step.id, label: step.label, detail: visible });
  };
  return {
    start(id, label) {
      emit({ type: 'build.start', id, label });
      return { id, label, tail: [] };
    },
    print(step, bytes) {
      const lines = `${partial.get(step) ?? ''}${bytes.toString()}`.split('\n');
      partial.set(step, (lines.pop() ?? '').slice(-LONGEST_LINE));
      for (const text of lines) line(step, text);
    },
    end(step, detail) {
      line(step, partial.get(step) ?? '');
      partial.delete(step);
      emit({ type: 'build.end', id: step.id, label: step.label, ...(detail === undefined ? {} : { detail }) });
    },
  };
}
