export type { Leaf, LeafMode, NewObject, ObjectId, Tree, TreeNode } from './objects.ts';
export { openRepository } from './open-repository.ts';
export type { Repository } from './repository.ts';
