import type { Instruction } from './instruction.ts';
import type { Source, Span } from './source.ts';

/** What a stage begins with. */
export type StageBase =
  | { kind: 'scratch' }
  | { kind: 'stage'; stage: Stage }
  /** `reference` is undefined when a variable without a value is in it. */
  | { kind: 'image'; text: string; reference: string | undefined };

/** A stage: FROM and what follows it. */
export interface Stage {
  index: number;
  /** In lower case, as engines compare it. */
  name: string | undefined;
  from: Instruction;
  /** Where the name of the base stands. */
  baseSpan: Span;
  nameSpan: Span | undefined;
  base: StageBase;
  /** Without FROM itself. */
  instructions: readonly Instruction[];
}

/** A comment line outside of instructions. */
export interface Comment {
  line: number;
  span: Span;
  /** Without `#` and white space around it. */
  text: string;
}

/** A Dockerfile, as rules look at it. */
export interface Dockerfile {
  source: Source;
  escapeChar: string;
  comments: readonly Comment[];
  /** In front of the first FROM. */
  initial: readonly Instruction[];
  stages: readonly Stage[];
  /** The stage that will be built. */
  final: Stage;
  /** The stages whose settings the image has: the final one last, those it stands on before it. */
  chain: readonly Stage[];
  /** Arguments in front of the first FROM, and those every build has there. */
  globals: ReadonlyMap<string, string | undefined>;
}

/** All instructions, FROM included, in the order of the file. */
export function allInstructions(file: Dockerfile): Instruction[] {
  return [...file.initial, ...file.stages.flatMap((stage) => [stage.from, ...stage.instructions])];
}

/** The instructions whose settings the image has, in order. */
export function effective(file: Dockerfile): Instruction[] {
  return file.chain.flatMap((stage) => stage.instructions.filter((each) => !each.isTrigger));
}
