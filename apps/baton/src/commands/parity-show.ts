import { parityShowOptions, resultJson, showEvidence } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity show`. */
export const parityShow = defineCommand(parityShowOptions, async (options) => {
  const { result, text } = await showEvidence(options);
  return { result: resultJson(result), text };
});
