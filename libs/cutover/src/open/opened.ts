import type { ObjectId } from '@baton/git';
import type { BatonError } from '@baton/kernel';
import type { CutoverPlan } from '../model/plan.ts';

/** Something that was done, or with `--dry-run` would be. */
export interface OpenStep {
  /** `ref`: a branch of this repository; `push`: of the remote one; `request`: to the forge's API. */
  kind: 'ref' | 'push' | 'request';
  /** For people: `POST /repos/acme/pump/pulls: ...`. */
  text: string;
  /** The body of a request. */
  body?: Readonly<Record<string, unknown>>;
}

/** What became of the pull request of a cutover. */
export interface OpenedPullRequest {
  /**
   * `created`, `updated` (the branch, the text or the labels), `unchanged`: the pull request is as it should be. `already-done`: the
   * base has the cutover. `planned`: a dry run. `refused`: the plan does not pass (`error`), and nothing was done.
   */
  state: 'created' | 'updated' | 'unchanged' | 'already-done' | 'planned' | 'refused';
  /** Undefined where it was merged and cannot be planned any more. */
  plan: CutoverPlan | undefined;
  /** `owner/name`. */
  repository: string;
  base: { branch: string; commit: ObjectId };
  branch: string;
  /** The commit on the branch; undefined before it is signed, and where nothing is to be done. */
  commit: ObjectId | undefined;
  pullRequest: { number: number; url: string; title: string; draft: boolean } | undefined;
  /** Ids of what cannot be seen yet. */
  pending: readonly string[];
  steps: readonly OpenStep[];
  /** What a reader should know. */
  notes: readonly string[];
  error: BatonError | undefined;
}
