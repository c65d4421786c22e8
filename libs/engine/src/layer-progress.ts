import type { Emit } from '@baton/kernel';
import type { Frame } from './frames.ts';

/** Follows the layers of one pull or push. */
export interface LayerProgress {
  see(frame: Frame): void;
  /** Ends what is under way, as an interrupted transfer leaves it. */
  close(): void;
}

const MOVING = /^(Downloading|Pushing)$/;
const ENDED = /^(Pull complete|Pushed|Already exists|Layer already exists|Mounted from .*|Download complete)$/;

/**
 * Turns an engine's layer messages (`id`, `status`, `progressDetail`) into events: `pull.start`, `.progress` and `.end` by
 * layer, in bytes; `kind` is the noun.
 */
export function followLayers(emit: Emit, kind: 'pull' | 'push', what: string): LayerProgress {
  const running = new Map<string, string>();
  const ended = new Set<string>();
  const label = (layer: string): string => `${kind} ${what}: layer ${layer}`;
  const end = (layer: string, detail: string | undefined): void => {
    const id = running.get(layer);
    running.delete(layer);
    ended.add(layer);
    if (id === undefined) return;
    emit({ type: `${kind}.end`, id, label: label(layer), ...(detail === undefined ? {} : { detail }) });
  };
  const start = (layer: string): string => {
    const id = `${what} ${layer}`;
    if (!running.has(layer)) {
      running.set(layer, id);
      emit({ type: `${kind}.start`, id, label: label(layer), unit: 'bytes' });
    }
    return id;
  };
  return {
    see({ id: layer, status, progressDetail }) {
      // Other messages with an ID are about the tag: "Pulling from library/x".
      if (layer === undefined || status === undefined || !/^[0-9a-f]{12,64}$/.test(layer) || ended.has(layer)) return;
      if (MOVING.test(status)) {
        const { current, total } = progressDetail ?? {};
        const id = start(layer);
        if (current === undefined) return;
        const known = total === undefined || total <= 0 ? {} : { total };
        emit({ type: `${kind}.progress`, id, label: label(layer), done: current, ...known, unit: 'bytes' });
      } else if (ENDED.test(status)) {
        if (/exists|Mounted/.test(status)) start(layer);
        // What is downloaded still has to be unpacked.
        if (status !== 'Download complete') end(layer, /exists|Mounted/.test(status) ? 'already there' : undefined);
      }
    },
    close() {
      for (const layer of [...running.keys()]) end(layer, 'not finished');
    },
  };
}
