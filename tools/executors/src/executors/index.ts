import { batchExecutor } from '../task/batch-executor.ts';
import { singleExecutor } from '../task/single-executor.ts';
import { cutoverCapability } from './cutover/capability.ts';
import { imageCapability } from './image/capability.ts';
import { imagePlanCapability } from './image-plan/capability.ts';
import { parityCapability } from './parity/capability.ts';
import { publishCapability } from './publish/capability.ts';
import { verifyCapability } from './verify/capability.ts';

// One file for all executors: a worker loads the libraries once, and the published package holds them once.

/** `@baton/nx:cutover`, one task in a process of its own. */
export const cutoverExecutor = singleExecutor(cutoverCapability);
/** `@baton/nx:cutover`, many tasks in one process. */
export const cutoverBatchExecutor = batchExecutor(cutoverCapability);

/** `@baton/nx:image`, one task in a process of its own. */
export const imageExecutor = singleExecutor(imageCapability);
/** `@baton/nx:image`, many tasks in one process. */
export const imageBatchExecutor = batchExecutor(imageCapability);

/** `@baton/nx:image-plan`, one task in a process of its own. */
export const imagePlanExecutor = singleExecutor(imagePlanCapability);
/** `@baton/nx:image-plan`, many tasks in one process. */
export const imagePlanBatchExecutor = batchExecutor(imagePlanCapability);

/** `@baton/nx:parity`, one task in a process of its own. */
export const parityExecutor = singleExecutor(parityCapability);
/** `@baton/nx:parity`, many tasks in one process. */
export const parityBatchExecutor = batchExecutor(parityCapability);

/** `@baton/nx:publish`, one task in a process of its own. */
export const publishExecutor = singleExecutor(publishCapability);
/** `@baton/nx:publish`, many tasks in one process. */
export const publishBatchExecutor = batchExecutor(publishCapability);

/** `@baton/nx:verify`, one task in a process of its own. */
export const verifyExecutor = singleExecutor(verifyCapability);
/** `@baton/nx:verify`, many tasks in one process. */
export const verifyBatchExecutor = batchExecutor(verifyCapability);
