import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Baton keeps what can be made again: `BATON_CACHE_DIR`, else `baton` in the user's cache directory. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BATON_CACHE_DIR !== undefined && env.BATON_CACHE_DIR !== '') return env.BATON_CACHE_DIR;
  if (env.XDG_CACHE_HOME !== undefined && env.XDG_CACHE_HOME !== '') return join(env.XDG_CACHE_HOME, 'baton');
  return process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches', 'baton')
    : join(homedir(), '.cache', 'baton');
}
