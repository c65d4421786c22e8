export { connectEngine } from './connect.ts';
export { type ContextSummary, summarizeContext } from './context-summary.ts';
export { contextDigest } from './context-tar.ts';
export type {
  Engine,
  EngineAuth,
  EngineBuild,
  EngineContainer,
  EngineContainerSpec,
  EngineImage,
  EngineIo,
  EngineReport,
  EngineRun,
  EngineRunResult,
} from './engine.ts';
