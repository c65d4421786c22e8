import { listParity, parityListOptions, reportScenarios } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity list`. */
export const parityList = defineCommand(parityListOptions, async (options) => {
  const listed = await listParity(options);
  return { result: listed, text: reportScenarios(listed) };
});
