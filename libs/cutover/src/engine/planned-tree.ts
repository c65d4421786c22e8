import type { ObjectStore, Tree } from '@baton/git';
import type { CutoverPlan } from '../model/plan.ts';

/** The tree of a plan, read as git reads it, from the plan's own objects and those of the repository; nothing is written there. */
export async function plannedTree(store: ObjectStore, plan: CutoverPlan): Promise<Tree> {
  return await store.withPrivateObjects(plan.objects, (view) => view.readTree(plan.commit.tree));
}
