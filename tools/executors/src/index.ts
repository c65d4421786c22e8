export type { PluginOptions } from './inference/plugin-options.ts';
export { createDependencies, createNodes, name } from './plugin.ts';
