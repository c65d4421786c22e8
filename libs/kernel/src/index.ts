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
  temporaryName,
  writeAll,
  writeFileAtomic,
  writeFileIfChanged,
} from './files.ts';
export { canonicalJson, compareText, type Json, prettyJson } from './json.ts';
export { lockAddress, withLock } from './locks.ts';
export { nearest } from './nearest.ts';
export { killGroup, type ProcessResult, type ProcessSpec, runProcess, succeeded, toolEnv } from './process.ts';
export { redact, registerSecret } from './redact.ts';
export { formatBytes, plural } from './text.ts';
