export { type AgentRecording, agentRecordings } from './agent-recordings.ts';
export { type BrowserView, startBrowser, type TestBrowser, type TestPage } from './browser.ts';
export { CUTOVER_EXAMPLE, cutoverExample, pathWithGoCache } from './cutover-example.ts';
export { type CutoverLayout, generateLayout, layoutRepository } from './cutover-layout.ts';
export type { LayoutAdditions, LayoutFile, LayoutTruth, MarkedLine, MechanicalPlace } from './cutover-layout-file.ts';
export { type LayoutResultFile, layoutResult } from './cutover-layout-result.ts';
export {
  DOCKER_REGISTRY_USER,
  type DockerRegistry,
  type DockerRegistryOptions,
  startDockerRegistry,
} from './docker-registry.ts';
export type { Interference } from './effects-plan.ts';
export { startEngine, type TestEngine, type TestEngineOptions } from './engine.ts';
export { type FakeAnswer, type FakeEngine, type FakeRequest, type FakeScript, startFakeEngine } from './engine-fake.ts';
export { findProgram } from './find-program.ts';
export { type TestRepository, temporaryRepository } from './git-repository.ts';
export { type GithubFault, secondaryLimit } from './github-faults.ts';
export type { GithubRepository, StoredPull } from './github-repository.ts';
export { type FakeGithub, type GithubRequest, type GithubToken, startGithub } from './github-server.ts';
export { type HttpServer, startHttpServer } from './http-server.ts';
export {
  type ChildCommand,
  delayAt,
  type EffectsRun,
  enumerateEffects,
  failAt,
  type KillPoint,
  killAt,
  killMatrix,
  runWithEffects,
} from './kill.ts';
export { missingNeed, NEEDS, type Need } from './need-checks.ts';
export { isRequired, type NeedingTest, needs } from './needs.ts';
export { type NodeChildOptions, runNode } from './node-child.ts';
export { isShortProof, proofSample } from './proof-scale.ts';
export { type ProxyRecord, startProxyServer, type TestProxy, type TestProxyOptions } from './proxy-server.ts';
export { findPython, pythonProgram } from './python.ts';
export type { RegistryAuth } from './registry-auth.ts';
export { type Certificate, testCertificate } from './registry-certificate.ts';
export type { RequestRecord } from './registry-exchange.ts';
export type { FaultAction, FaultMatch } from './registry-faults.ts';
export type { RegistryHabits } from './registry-habits.ts';
export {
  collect,
  fixedCredentials,
  type InstantWaits,
  instantWaits,
  noise,
  streamOf,
  type TinyImage,
  tinyImage,
} from './registry-helpers.ts';
export { startRegistryServer, type TestRegistry, type TestRegistryOptions } from './registry-server.ts';
export type { RegistryStore, StoredManifest } from './registry-store.ts';
export { removeTemporaryDirectories, temporaryDirectory, writeFiles } from './temp.ts';
export { withTmpfs } from './tmpfs.ts';
