export { compareObservations } from './compare/compare-observations.ts';
export { createLayFeeder, type FeederOptions } from './feeder/lay-feeders.ts';
export { type FuzzFound, type FuzzResult, fuzzError, fuzzParity } from './fuzz/fuzz-parity.ts';
export { type FuzzSubjectsOptions, fuzzSubjects } from './fuzz/fuzz-subjects.ts';
export { type FuzzTextOptions, fuzzText } from './fuzz/fuzz-text.ts';
export { reportFuzz } from './fuzz/report-fuzz.ts';
export { openResident } from './fuzz/resident-port.ts';
export { acceptGoldens, type GoldenAcceptance } from './golden/accept-goldens.ts';
export { checkError, checkGoldens, type GoldenCheck } from './golden/check-goldens.ts';
export { type GoldenStore, openGoldens } from './golden/golden-store.ts';
export { goldenSubject } from './golden/golden-subject.ts';
export { type GoldenPruning, pruneGoldens } from './golden/prune-goldens.ts';
export { type GoldenRecord, recordError, recordGoldens } from './golden/record-goldens.ts';
export { reportAcceptance, reportCheck, reportPruning, reportRecord } from './golden/report-goldens.ts';
export type { Identity, Observation, Subject } from './model/observation.ts';
export type { Scenario } from './model/scenario.ts';
export type { Divergence, ParityResult, ScenarioVerdict } from './model/verdict.ts';
export {
  type ParityAcceptOptions,
  type ParityCheckOptions,
  type ParityFuzzOptions,
  type ParityImportOptions,
  type ParityListOptions,
  type ParityMergeOptions,
  type ParityPruneOptions,
  type ParityRecordOptions,
  type ParityRunOptions,
  type ParityShowOptions,
  parityAcceptOptions,
  parityCheckOptions,
  parityFuzzOptions,
  parityImportOptions,
  parityListOptions,
  parityMergeOptions,
  parityPruneOptions,
  parityRecordOptions,
  parityRunOptions,
  parityShowOptions,
} from './options.ts';
export { reportAnnotations, type ScenarioFileOf } from './report/report-annotations.ts';
export { reportText } from './report/report-text.ts';
export { writeReports } from './report/write-reports.ts';
export { mergeParity } from './runner/merge-parity.ts';
export { parityError } from './runner/parity-error.ts';
export type { ParityIo } from './runner/parity-io.ts';
export { resultJson } from './runner/result-json.ts';
export { resultText } from './runner/result-text.ts';
export { runParity } from './runner/run-parity.ts';
export { showEvidence } from './runner/show-evidence.ts';
export { importParity } from './scenario/import-project.ts';
export { reportImport } from './scenario/import-recordings.ts';
export { scenarioJsonSchema } from './scenario/json-schema.ts';
export { listParity, reportScenarios } from './scenario/list-scenarios.ts';
export { loadScenario } from './scenario/load-scenario.ts';
export { loadSuite } from './scenario/load-suite.ts';
export { writeScenario } from './scenario/write-scenario.ts';
export { createSubject } from './subject/create-subject.ts';
export type { ImageSource, ImageSpec, SubjectOptions, SubjectSpec } from './subject/subject-spec.ts';
