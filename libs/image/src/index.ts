export { type AttestResult, attestImage } from './attest/attest-image.ts';
export { type ImageAttestOptions, imageAttestOptions } from './attest/options.ts';
export { reportAttest } from './attest/report-attest.ts';
export { type FoundSignature, verifySignatures } from './attest/signature.ts';
export { buildImage } from './build-image.ts';
export { type BuiltImageSource, builtImageAt } from './built-image.ts';
export { exportImage } from './export-image.ts';
export { attachedDocument, inspectImage } from './inspect-image.ts';
export type { Finding, LintReport } from './lint/finding.ts';
export { lintImage, lintRefusal } from './lint/lint-image.ts';
export { type ImageLintOptions, imageLintOptions } from './lint/options.ts';
export { reportLint } from './lint/report-lint.ts';
export { lintReference } from './lint/rules.ts';
export { loadImage } from './load/load-image.ts';
export { type ImageLoadOptions, imageLoadOptions } from './load/options.ts';
export { reportLoad } from './load/report-load.ts';
export type { LoadResult } from './load/types.ts';
export { type LockChange, type LockResult, lockImage } from './lock-image.ts';
export {
  type ImageBuildOptions,
  type ImageExportOptions,
  type ImageInspectOptions,
  type ImageLockOptions,
  type ImagePublishOptions,
  imageBuildOptions,
  imageExportOptions,
  imageInspectOptions,
  imageLockOptions,
  imagePublishOptions,
} from './options.ts';
export { planBuild } from './plan-build.ts';
export { planPublish } from './plan-publish.ts';
export { publishImage } from './publish-image.ts';
export { rememberedManifest, rememberManifest } from './remembered-manifest.ts';
export { reportBuild, reportBuildPlan } from './report-build.ts';
export { reportExport, reportInspection } from './report-inspection.ts';
export { reportLock } from './report-lock.ts';
export { reportPublish, reportPublishPlan } from './report-publish.ts';
export { type ImageRetentionPlanOptions, imageRetentionPlanOptions } from './retention/options.ts';
export { planRetention } from './retention/plan-retention.ts';
export { reportRetention } from './retention/report-retention.ts';
export type { JudgedManifest, JudgedTag, RetentionPlan, RetentionRule } from './retention/types.ts';
export { type ImageRootfsOptions, imageRootfsOptions } from './rootfs/options.ts';
export { reportRootfs } from './rootfs/report-rootfs.ts';
export { rootfsImage } from './rootfs/rootfs-image.ts';
export type { RootfsIo, RootfsResult } from './rootfs/types.ts';
export type {
  BuildPlan,
  BuildResult,
  BuiltLayer,
  BuiltPlatform,
  ExportResult,
  ImageIo,
  InspectedPlatform,
  Inspection,
  PlannedBlob,
  PlannedLayer,
  PlannedPlatform,
  PlannedTag,
  PublishPlan,
  PublishResult,
  TagKind,
} from './types.ts';
export { unchangedBuild, unchangedPublish } from './unchanged.ts';
export { type ImageVerifyOptions, imageVerifyOptions } from './verify/options.ts';
export { reportVerification } from './verify/report-verification.ts';
export type { ImageCheck, Verification } from './verify/types.ts';
export { verificationError, verifyImage, verifyProject } from './verify/verify-image.ts';
