export { openRepository } from './open-repository.ts';
export type { Repository } from './repository.ts';
