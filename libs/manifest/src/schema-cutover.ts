import * as z from 'zod';
import { RELATIVE_PATH } from './path-rules.ts';
import { described, textField } from './text-field.ts';

/** The section `cutover`. */
export const cutoverSectionSchema = z
  .strictObject({
    manifest: described(
      textField(RELATIVE_PATH),
      "The manifest of the cutover, relative to this file's folder; `docs/cutover.md` describes it.",
    ).default('cutover.yaml'),
  })
  .describe('The switch of the repository from an old implementation to this agent.');
