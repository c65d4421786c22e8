import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Where Baton keeps what can be made again: `BATON_CACHE_DIR`, else `baton` in the user's cache directory. Always an
 * absolute path; a relative `XDG_CACHE_HOME` is ignored, as the XDG base directory specification asks.
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BATON_CACHE_DIR !== undefined && env.BATON_CACHE_DIR !== '') return resolve(env.BATON_CACHE_DIR);
  if (env.XDG_CACHE_HOME !== undefined && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'baton');
  const home = env.HOME !== undefined && isAbsolute(env.HOME) ? env.HOME : homedir();
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches', 'baton') : join(home, '.cache', 'baton');
}
