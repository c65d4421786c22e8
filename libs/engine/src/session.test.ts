import { setTimeout as sleep } from 'node:timers/promises';
import { needs, startEngine } from '@baton/testkit';
import { expect } from 'vitest';
import { openConnection } from './connection.ts';
import { openSession } from './session.ts';
import { openResources } from './test-engine.ts';

// Credentials that go over a session are in registry.test.ts, its end after a failed build in traps.test.ts.
needs('dockerd')(
  'a session lives until it is closed: the engine asks every second whether it is well',
  async () => {
    const pipes = (): number => openResources([]).filter((name) => name === 'PipeWrap').length;
    const before = pipes();
    const server = await startEngine();
    try {
      const connection = openConnection({ DOCKER_HOST: server.host });
      await connection.hello();
      await expect.poll(pipes).toBe(before);
      const session = await openSession(connection, []);
      // The engine hangs up at its first question that is not answered.
      await sleep(2_500);
      expect(pipes()).toBe(before + 1);
      session.close();
      await expect.poll(pipes).toBe(before);
    } finally {
      await server.stop();
    }
  },
  60_000,
);
