export type { CarriedPath, CarryInput, CarryResult } from './checkout/carry.ts';
export { carryCheckout, checkCarry, finishCarry } from './checkout/carry-checkout.ts';
export { inspectCheckout, listWorkTrees } from './checkout/inspect-checkout.ts';
export type { CheckoutState, Operation, WorkTree } from './checkout/state.ts';
export {
  type Commit,
  type CommitFields,
  commitObject,
  type Identity,
  identityLine,
  parseCommit,
  unsignedPayload,
} from './commit.ts';
export { diffTrees, type TreeChange } from './diff-trees.ts';
export { grepBlobs, grepTree, type WordSearch } from './grep-blobs.ts';
export { hashObject } from './hash-object.ts';
export type { Head, ObjectStore, PrivateStore, RefUpdate, TrailerMatch, TrailerSearch } from './object-store.ts';
export type { Leaf, LeafMode, NewObject, ObjectFormat, ObjectId, Tree, TreeNode } from './objects.ts';
export { openObjectStore } from './open-object-store.ts';
export { openRepository } from './open-repository.ts';
export { comparePaths, displayPath, pathBytes, pathText } from './path-text.ts';
export { fetchBranch } from './remote/fetch-branch.ts';
export { lsRemote, type RemoteRefs } from './remote/ls-remote.ts';
export { type PushInput, type PushResult, pushBranch } from './remote/push-branch.ts';
export type { Remote } from './remote/remote.ts';
export { remoteUrl } from './remote/remote-url.ts';
export type { Repository } from './repository.ts';
export { type SigningKey, signCommit } from './sign/sign-commit.ts';
export { treeObjects } from './tree-objects.ts';
export {
  changeTree,
  EMPTY_TREE,
  entryAt,
  leaf,
  leafAt,
  makeTree,
  sortedEntries,
  walkLeaves,
  withEntry,
  withoutEntry,
} from './trees.ts';
