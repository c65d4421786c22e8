export type * from './operations.ts';
export { applySplices, type Edit, invertSplices, type Splice, sortSplices } from './splice.ts';
