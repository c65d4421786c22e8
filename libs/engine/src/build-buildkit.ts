import { BatonError, type Digest, type Emit, isDigest } from '@baton/kernel';
import { type BuildFollower, reportSteps, type Step } from './build-steps.ts';
import { type BuildkitStatus, decodeStatus, type Vertex, type VertexStatus } from './buildkit-status.ts';

// How BuildKit gets at the context: it says nothing to a person that "context" did not say.
const PLUMBING =
  /^(\[internal\] load (remote build context|build context|build definition.*|\.dockerignore)|copy \/context \/)$/;

/** Follows a BuildKit build by the status messages among the engine's frames. */
export function followBuildkit(emit: Emit): BuildFollower {
  const report = reportSteps(emit);
  const steps = new Map<string, { step: Step; vertex: Vertex; ended: boolean }>();
  const layers = new Set<string>();
  let image: Digest | undefined;
  let failed: Step | undefined;

  const seeVertex = (vertex: Vertex): void => {
    if (PLUMBING.test(vertex.name)) return;
    let known = steps.get(vertex.digest);
    if (known === undefined) {
      if (!vertex.started) return;
      known = { step: report.start(vertex.digest, vertex.name), vertex, ended: false };
      steps.set(vertex.digest, known);
    }
    known.vertex = vertex;
    // When one step fails, the others are cancelled.
    if (vertex.error !== '' && !/context canceled/.test(vertex.error)) failed ??= known.step;
    if (!vertex.completed || known.ended) return;
    known.ended = true;
    report.end(known.step, vertex.error !== '' ? 'failed' : vertex.cached ? 'cached' : undefined);
  };

  /** Layers of bases; the rest of what has a status is shorter than it takes to read. */
  const seeStatus = ({ id, name, current, total, completed }: VertexStatus): void => {
    if (!/^sha256:/.test(id) || !/^(downloading|extract)/.test(name)) return;
    const event = { id, label: `pull base: layer ${id.slice(7, 19)}`, unit: 'bytes' as const };
    if (!layers.has(id)) {
      layers.add(id);
      emit({ type: 'pull.start', ...event });
    }
    if (completed) {
      layers.delete(id);
      emit({ type: 'pull.end', ...event, done: current });
    } else emit({ type: 'pull.progress', ...event, done: current, ...(total > 0 ? { total } : {}) });
  };

  return {
    see({ id, aux }) {
      if (id === 'moby.image.id' && aux !== null && typeof aux === 'object' && 'ID' in aux && isDigest(aux.ID))
        image = aux.ID;
      if (id !== 'moby.buildkit.trace' || typeof aux !== 'string') return;
      const { vertexes, statuses, logs, warnings } = decode(aux);
      for (const vertex of vertexes) seeVertex(vertex);
      for (const status of statuses) seeStatus(status);
      for (const { vertex, bytes } of logs) {
        const step = steps.get(vertex)?.step;
        if (step !== undefined) report.print(step, bytes);
      }
      for (const warning of warnings) emit({ type: 'warn', label: warning });
    },
    image: () => image,
    culprit: () => failed,
    close() {
      for (const id of layers) emit({ type: 'pull.end', id, detail: 'not finished' });
      layers.clear();
      for (const known of steps.values()) {
        if (!known.ended) report.end(known.step, 'not finished');
        known.ended = true;
      }
    },
  };
}

function decode(aux: string): BuildkitStatus {
  try {
    return decodeStatus(aux);
  } catch (error) {
    throw new BatonError('ENGINE_FAILED', 'the container engine sent a BuildKit status that cannot be read', {
      cause: error,
    });
  }
}
