import { createHash } from 'node:crypto';
import { visibleText } from './text-width.ts';

/** A remark on a file, as GitHub Actions shows it in a pull request. */
export interface Annotation {
  type: 'error' | 'warning' | 'notice';
  title: string;
  message: string;
  /** Path from the repository's root, with `/`. */
  file?: string;
  line?: number;
}

/** Annotations of one type that GitHub shows for a step; more are dropped without a word. */
export const ANNOTATION_LIMIT = 10;

/**
 * Annotations as workflow commands, a line each. At most ten of a type: when there are more, the tenth says how many are
 * missing. No text can begin a command of its own or end a property.
 */
export function annotationLines(annotations: readonly Annotation[]): string[] {
  return (['error', 'warning', 'notice'] as const).flatMap((type) => {
    const all = annotations.filter((annotation) => annotation.type === type);
    if (all.length <= ANNOTATION_LIMIT) return all.map(command);
    const left = all.length - ANNOTATION_LIMIT + 1;
    const rest: Annotation = { type, title: `${left} more`, message: `${left} more of this kind: see the job summary` };
    return [...all.slice(0, ANNOTATION_LIMIT - 1), rest].map(command);
  });
}

/**
 * Text for the log of a GitHub job: workflow commands are switched off around it, because a line of it that begins with
 * `::` would be one. The word that switches them on again is a digest of the text, which the text cannot hold.
 */
export function withoutCommands(text: string): string {
  const token = createHash('sha256').update(text).digest('hex');
  return `::stop-commands::${token}\n${text}${text.endsWith('\n') ? '' : '\n'}::${token}::\n`;
}

function command({ type, title, message, file, line }: Annotation): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(file === undefined || line === undefined ? [] : [`line=${line}`]),
    `title=${property(title)}`,
  ];
  return `::${type} ${properties.join(',')}::${data(message)}`;
}

function data(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visibleText(line).replaceAll('%', '%25'))
    .join('%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
