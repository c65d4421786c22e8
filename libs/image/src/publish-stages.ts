// What a publish needs after the build: one file, so that it can be loaded while the bundle command still runs.
export { applyPublish } from './apply-publish.ts';
export { sweepLeftovers } from './leftovers.ts';
export { resolvePublish } from './plan-publish.ts';
export { publishedStatement } from './statements.ts';
