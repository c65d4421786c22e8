import { whiteoutOf } from './overlay.ts';
import { ancestors, type TarHeader } from './tar-entry.ts';

/**
 * What upper layers hide of those below, told from their names alone: a guess, because only lower layers know where a
 * name below a symlink leads. {@link Overlay} has the last word.
 */
export class Shadow {
  readonly #at = new Set<string>();
  readonly #below = new Set<string>();

  /** Whether something in the layers so far hides a file at this path. */
  hides(path: string): boolean {
    if (this.#at.has(path) || this.#below.has('')) return true;
    for (const above of ancestors(path)) if (this.#below.has(above)) return true;
    return false;
  }

  /** Takes in what a layer, all of it read, does to the next lower one. */
  fall(headers: Iterable<TarHeader>): void {
    for (const { path, type } of headers) {
      const whiteout = whiteoutOf(path);
      if (whiteout === undefined) {
        this.#at.add(path);
        if (type !== 'directory') this.#below.add(path);
      } else if (whiteout.hides === 'below') this.#below.add(whiteout.path);
      else if (whiteout.hides === 'path') {
        this.#at.add(whiteout.path);
        this.#below.add(whiteout.path);
      }
    }
  }
}

/** The files of a tree that grows: no two of one name, and none below another. */
export class Sprout {
  readonly #files = new Set<string>();
  readonly #directories = new Set<string>();

  /** Adds a file; false where it has no place. */
  grow(path: string): boolean {
    if (this.#files.has(path) || this.#directories.has(path)) return false;
    for (const above of ancestors(path)) {
      if (this.#files.has(above)) return false;
      if (this.#directories.has(above)) break;
      this.#directories.add(above);
    }
    this.#files.add(path);
    return true;
  }
}
