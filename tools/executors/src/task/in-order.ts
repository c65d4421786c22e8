/** How one task of a graph ended. */
export interface Ended<R> {
  id: string;
  /** Undefined: it never ran, because one that it depends on failed. */
  result: R | undefined;
}

/** A graph of tasks by id, without cycles. Dependencies outside of it count as done. */
export interface Graph {
  ids: readonly string[];
  dependencies: Readonly<Record<string, readonly string[]>>;
}

/**
 * Runs the tasks of a graph, each after those it depends on, at most `limit` at a time, and yields each as it ends.
 *
 * @param run never throws
 * @param succeeded tells whether those that depend on a task may run
 */
export async function* inOrder<R>(
  graph: Graph,
  limit: number,
  run: (id: string) => Promise<R>,
  succeeded: (result: R) => boolean,
): AsyncGenerator<Ended<R>> {
  const waiting = new Set(graph.ids);
  const running = new Map<string, Promise<Ended<R>>>();
  const failed = new Set<string>();
  const inside = new Set(graph.ids);
  const needs = (id: string): string[] => (graph.dependencies[id] ?? []).filter((other) => inside.has(other));
  while (waiting.size > 0) {
    const hopeless = [...waiting].find((id) => needs(id).some((other) => failed.has(other)));
    const ready = [...waiting].find((id) => !needs(id).some((other) => waiting.has(other) || running.has(other)));
    if (hopeless !== undefined) {
      waiting.delete(hopeless);
      failed.add(hopeless);
      yield { id: hopeless, result: undefined };
    } else if (ready !== undefined && running.size < limit) {
      waiting.delete(ready);
      running.set(
        ready,
        run(ready).then((result) => ({ id: ready, result })),
      );
    } else {
      yield await next();
    }
  }
  while (running.size > 0) yield await next();

  async function next(): Promise<Ended<R>> {
    const ended = await Promise.race(running.values());
    running.delete(ended.id);
    if (ended.result === undefined || !succeeded(ended.result)) failed.add(ended.id);
    return ended;
  }
}
