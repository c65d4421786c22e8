/** Where something is in a file; both count from 1, columns in UTF-16 units as editors do. */
export interface Position {
  line: number;
  column: number;
}

/** Something wrong in the text itself, before any schema. */
export interface TextProblem extends Position {
  message: string;
  hint?: string;
}

/** The way to a value: keys and list indexes. */
export type ValuePath = readonly PropertyKey[];

/** A YAML text with its value and the position of everything in it. */
export interface YamlSource {
  value: unknown;
  /** Where a value starts. */
  valueAt(path: ValuePath): Position;
  /** Where the key of a value starts; for a list item, where the item starts. */
  keyAt(path: ValuePath): Position;
  /** The text of a plain or quoted scalar as it is written, or undefined. */
  written(path: ValuePath): string | undefined;
}

/** A tag of a form, such as `!hex`: what it makes of the text behind it. */
export interface TextTag {
  tag: `!${string}`;
  resolve(text: string, onError: (message: string) => void): unknown;
}

/** What a form allows beyond plain values. */
export interface YamlExtras {
  tags?: readonly TextTag[];
  /** Whether text may hold NUL. */
  nul?: boolean;
}
