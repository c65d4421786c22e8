export type { ResultContext } from './model/context.ts';
export type * from './model/manifest.ts';
export type * from './model/plan.ts';
