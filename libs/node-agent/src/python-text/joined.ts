import { PythonError } from '../crash.ts';
import { pythonType } from './python-type.ts';
import type { PyValue } from './value.ts';

/** `' '.join(words)` of Python: TypeError for the first word that is no text. */
export function joined(words: readonly PyValue[]): string {
  const texts = words.map((word, index) => {
    if (typeof word === 'string') return word;
    throw new PythonError('TypeError', `sequence item ${index}: expected str instance, ${pythonType(word)} found`);
  });
  return texts.join(' ');
}
