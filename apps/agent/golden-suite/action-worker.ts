// The thread that sends the signals of one run (actions.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { type ActionOrder, performActions } from './actions.ts';

const order: ActionOrder = workerData;
parentPort?.postMessage(await performActions(order));
