import { describe, expect, test } from 'vitest';
import { runAgent } from './run.ts';

function agent(args: string[], env: NodeJS.ProcessEnv = {}) {
  let stdout = '';
  let stderr = '';
  const status = runAgent(args, {
    version: '1.2.3',
    env,
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  return { status, stdout, stderr };
}

describe('what it prints', () => {
  test.each(['version', '--version'])('%s is the bare version', (command) => {
    expect(agent([command])).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
  });

  test('without a command, version and configuration for people, and that it does no work yet', () => {
    expect(agent([], { AGENT_NAME: 'n1', AGENT_STATE_DIR: '' }).stdout).toBe(
      'node-agent 1.2.3 (first version: it reports itself and does no work yet)\n' +
        '  name: n1\n  logLevel: info\n  stateDir: /var/lib/node-agent\n',
    );
  });

  test('print-config is JSON with the arguments', () => {
    const { status, stdout } = agent(['print-config', 'a', '--b'], { AGENT_LOG_LEVEL: 'debug' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      version: '1.2.3',
      config: { name: 'node-agent', logLevel: 'debug', stateDir: '/var/lib/node-agent' },
      arguments: ['a', '--b'],
    });
  });

  test('help names every command', () => {
    const { stdout } = agent(['--help']);
    for (const command of ['version', 'print-config', 'exit N', 'help']) expect(stdout).toContain(`  ${command} `);
  });
});

test.each([
  ['0', 0],
  ['7', 7],
  ['255', 255],
])('exit %s has that status and prints nothing', (text, status) => {
  expect(agent(['exit', text])).toEqual({ status, stdout: '', stderr: '' });
});

test.each([
  [['exit'], {}, 'exit takes one number from 0 to 255, not ""'],
  [['exit', '256'], {}, 'exit takes one number from 0 to 255, not "256"'],
  [['exit', '1', '2'], {}, 'exit takes one number from 0 to 255, not "1 2"'],
  [['start'], {}, 'unknown command "start"; "help" lists what there is'],
  [[], { AGENT_LOG_LEVEL: 'loud' }, 'AGENT_LOG_LEVEL must be one of debug, info, warn, error, not "loud"'],
  [['print-config'], { AGENT_STATE_DIR: 'var' }, 'AGENT_STATE_DIR must be an absolute path, not "var"'],
])('%j with %j is refused', (args, env, message) => {
  expect(agent(args, env)).toEqual({ status: 2, stdout: '', stderr: `node-agent: ${message}\n` });
});
