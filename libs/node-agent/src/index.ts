export type { AgentContext } from './context.ts';
export { PythonError } from './crash.ts';
export { runLauncher } from './launcher/run-launcher.ts';
export { runAgent, runWith } from './run-agent.ts';
