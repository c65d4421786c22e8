import { locate } from './locate.ts';
import type { ReferenceOptions, RepathFile } from './reference.ts';
import { rewrite } from './repath.ts';

/** A reference to the repository in a text, and what it has to say after the moves. */
export interface TracedReference {
  /** 1-based. */
  line: number;
  /** UTF-16 units from the begin of its line. */
  column: number;
  text: string;
  /** From the root of the repository, before the moves; of a glob what is in front of its first wildcard. */
  path: string;
  /** The same text when it stays right; undefined when what it names is gone. */
  becomes: string | undefined;
}

/** Every reference of a text with what `repath` would make of it, from left to right: for those who look before they edit. */
export function traceReferences(
  text: string,
  file: RepathFile,
  options: Pick<ReferenceOptions, 'styles' | 'cwd'>,
): TracedReference[] {
  const found = locate(text, { ...options, path: file.pathBefore, exists: file.exists.input });
  return found.map((reference) => ({
    line: reference.line,
    column: reference.start - (text.lastIndexOf('\n', reference.start - 1) + 1),
    text: reference.text,
    path: reference.path,
    becomes: rewrite(reference, file),
  }));
}
