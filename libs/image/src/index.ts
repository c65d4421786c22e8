export { buildImage } from './build-image.ts';
export { exportImage } from './export-image.ts';
export { inspectImage } from './inspect-image.ts';
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
