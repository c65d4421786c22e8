import type { CriterionResult } from '../model/plan.ts';

/** What the judgement of one criterion gives. */
export type Judgement = Pick<CriterionResult, 'state' | 'detail' | 'lines'>;
