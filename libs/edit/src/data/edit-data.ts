import { BatonError } from '@baton/kernel';
import type { DataEdit } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { applyStep, type DataStep, planDataEdit, show } from './data-steps.ts';
import { type Data, sameData } from './data-value.ts';
import { composeSplices, decodeSource, spliceText, type TextSplice, toEdit } from './source-text.ts';

/** How a format reads its text and where it would cut for one step. */
export interface DataLanguage<Document extends { readonly data: Data }> {
  /** @throws BatonError `EDIT_INVALID` with line and column */
  parse(text: string): Document;
  splices(document: Document, step: DataStep): TextSplice[];
  /** Data without what the format cannot write; compared where the data as it is differs. */
  normal?(data: Data): Data;
}

/**
 * Edits a data document: step by step, and after each the text is read again and must hold what the step was to make of it. The result
 * is one edit of the original bytes.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editData<Document extends { readonly data: Data }>(
  bytes: Uint8Array,
  edits: readonly DataEdit[],
  language: DataLanguage<Document>,
): Edit {
  const original = decodeSource(bytes);
  let text = original;
  let document = language.parse(original);
  let composed: TextSplice[] = [];
  let matches = 0;
  for (const edit of edits) {
    const plan = planDataEdit(document.data, edit);
    matches += plan.matches;
    for (const step of plan.steps) {
      const expected = applyStep(document.data, step);
      const splices = language.splices(document, step);
      text = spliceText(text, splices);
      composed = composeSplices(composed, splices);
      document = readBack(language, text, step, expected);
    }
  }
  if (spliceText(original, composed) !== text) throw unverified('its parts do not add up');
  return toEdit(original, composed, matches);
}

function readBack<Document extends { readonly data: Data }>(
  language: DataLanguage<Document>,
  text: string,
  step: DataStep,
  expected: Data,
): Document {
  let document: Document;
  try {
    document = language.parse(text);
  } catch (cause) {
    throw unverified(`after ${step.do} at ${show(step.path)} it cannot be read`, cause);
  }
  const { normal } = language;
  const same =
    sameData(document.data, expected) || (normal !== undefined && sameData(normal(document.data), normal(expected)));
  if (!same) throw unverified(`after ${step.do} at ${show(step.path)} it holds something else`);
  return document;
}

function unverified(what: string, cause?: unknown): BatonError {
  return new BatonError('EDIT_UNVERIFIED', `the edited file does not read as intended: ${what}`, {
    hint: 'This is a fault of Baton. Write the change as `replace` or `patch` meanwhile.',
    ...(cause === undefined ? {} : { cause }),
  });
}
