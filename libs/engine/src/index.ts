export type {
  Engine,
  EngineAuth,
  EngineBuild,
  EngineImage,
  EngineIo,
  EngineReport,
  EngineRun,
  EngineRunResult,
} from './engine.ts';
