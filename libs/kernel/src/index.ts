export { cacheDir } from './cache-dir.ts';
export { type Digest, digestHex, Hasher, isDigest, sha256, shortDigest } from './digest.ts';
export { type Effect, type EffectKind, type EffectObserver, effect, observeEffects } from './effects.ts';
export { ERROR_CODES, type ErrorCode } from './error-codes.ts';
export { BatonError, errnoOf, toBatonError } from './errors.ts';
export { type Emit, type ProgressEvent, silent } from './events.ts';
export {
  ensureDir,
  linkFile,
  readFileLimited,
  removeFile,
  removeTree,
  syncDir,
  writeAll,
  writeFileAtomic,
  writeFileIfChanged,
} from './files.ts';
export { type Flight, type FlightCaller, joinFlight } from './flight.ts';
export { replaceGenerated } from './generated-part.ts';
export { canonicalJson, compareText, type Json, prettyJson } from './json.ts';
export { lockAddress, withLock } from './locks.ts';
export { nearest } from './nearest.ts';
export { ownerState, ownerTag } from './owner.ts';
export { killGroup, type ProcessResult, type ProcessSpec, runProcess, succeeded, toolEnv } from './process.ts';
export { type StartedProcess, type StartSpec, startProcess } from './process-start.ts';
export { streamProcess } from './process-stream.ts';
export { redact, redactData, registerSecret } from './redact.ts';
export { sourceDateEpoch } from './source-date.ts';
export { sweepTemporaries, temporaryName } from './temporary.ts';
export { formatBytes, plural } from './text.ts';
export { VERSION } from './version.ts';
