import type { Command } from './command.ts';

/** A command as the help lists it; its options are loaded only when it is called or described. */
export interface CommandEntry {
  /** `image build`. */
  name: string;
  summary: string;
  /** More sentences for its own help. */
  about: string;
  examples: readonly { line: string; meaning: string }[];
  load(): Promise<Command>;
}
