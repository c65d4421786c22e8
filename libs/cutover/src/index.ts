export {
  checkRequirements,
  type ForgePort,
  type RequirementPorts,
} from './accept/check-requirements.ts';
export { runAcceptance } from './accept/run-acceptance.ts';
export { type GateOptions, runGates } from './accept/run-gates.ts';
export { applyCutover } from './engine/apply-cutover.ts';
export { planCutover } from './engine/plan-cutover.ts';
export { revertCutover } from './engine/revert-cutover.ts';
export type {
  AppliedCutover,
  ApplyOptions,
  CutoverInput,
  CutoverPorts,
  CutoverVerification,
  PlanOptions,
  RevertedCutover,
  RevertOptions,
  TreeDifference,
} from './engine/types.ts';
export { verifyCutover } from './engine/verify-cutover.ts';
export { type GeneratedFile, runGenerators } from './generate/run-generators.ts';
export type { Layout, LayoutHints, Pair, Place, Proposal, ProposalInput } from './init/proposal.ts';
export { proposeCutover } from './init/propose-cutover.ts';
export { writeProposal } from './init/write-proposal.ts';
export { type InitResult, initCutover } from './init-cutover.ts';
export { cutoverJsonSchema } from './manifest/json-schema.ts';
export { CUTOVER_NAME, type CutoverInTree, type LoadedCutover, loadCutover } from './manifest/load-cutover.ts';
export type { ResultContext } from './model/context.ts';
export type * from './model/manifest.ts';
export type * from './model/plan.ts';
export { openCutover } from './open/open-cutover.ts';
export type { OpenedPullRequest, OpenStep } from './open/opened.ts';
export {
  cutoverApplyOptions,
  cutoverInitOptions,
  cutoverOpenOptions,
  cutoverPlanOptions,
  cutoverRevertOptions,
  cutoverTargetOptions,
  cutoverVerifyOptions,
} from './options.ts';
export { type CutoverOutcome, outcomeJson, planError, planJson, verificationError } from './report/plan-outcome.ts';
export { cutoverReference } from './report/reference-doc.ts';
export { reportPlanHtml } from './report/report-html.ts';
export { openedJson, reportOpened } from './report/report-opened.ts';
export { reportApplied, reportOutcome, reportReverted, reportVerification } from './report/report-outcome.ts';
export { reportPlan } from './report/report-plan.ts';
export { reportProposal } from './report/report-proposal.ts';
export { planState, verdictWords } from './report/words.ts';
export { type CutoverIo, runApply, runPlan } from './run-cutover.ts';
export { runScans } from './scan/run-scans.ts';
export { demandCommit, demandWorkTree, withCutover, withStore } from './sources.ts';
