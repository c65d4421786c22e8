export { type ForgeAddress, forgeAddress } from './address.ts';
export type { Check, Forge, ForgeOptions, NewPullRequest, Pace, PullRequest } from './forge.ts';
export { demandLabels } from './labels.ts';
export { openForge } from './open-forge.ts';
