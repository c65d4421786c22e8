import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { findProgram } from './find-program.ts';
import { temporaryDirectory } from './temp.ts';

/** How a page is looked at. */
export interface BrowserView {
  /** CSS pixels (1280 x 900). */
  width?: number;
  height?: number;
  dark?: boolean;
  /** Without it the page's scripts do not run. */
  script?: boolean;
}

/** A page that is open in a real browser. */
export interface TestPage {
  /** The value of an expression in the page, awaited; it runs whatever the page's policy says. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses and releases a key, by its name (`Tab`, `Enter`, `ArrowDown`, `/`), as a person would. */
  press(key: string): Promise<void>;
  /** A PNG of the whole page, or of what is in view. */
  screenshot(whole?: boolean): Promise<Buffer>;
  /** Errors that the console shows so far: of scripts, of the content security policy, of loading. */
  problems(): readonly string[];
  /** URLs that were asked for so far, the page's own first. */
  requests(): readonly string[];
}

/** A headless Chromium of its own. Tests that use it say `needs('chromium')`. */
export interface TestBrowser {
  open(path: string, view?: BrowserView): Promise<TestPage>;
  close(): Promise<void>;
}

type Message = {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Params;
  result?: Params;
  error?: { message: string };
};
type Params = Record<string, unknown>;
type Call = (method: string, params?: Params) => Promise<Params>;

/** Starts a headless Chromium and speaks its DevTools protocol. */
export async function startBrowser(): Promise<TestBrowser> {
  const program =
    findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome') ?? 'chromium';
  const home = temporaryDirectory('browser');
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const args = [...flags, `--user-data-dir=${home}`, '--remote-debugging-port=0', 'about:blank'];
  const env = { PATH: process.env.PATH, HOME: home, LC_ALL: 'C' };
  // A group of its own: Chromium may be started by a script, and has many processes.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env, detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', end);
  const socket = await connect(await address(child));
  const listeners = new Set<(message: Message) => void>();
  const waiting = new Map<number, { resolve(result: Params): void; reject(error: Error): void }>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    for (const listener of listeners) listener(message);
    const call = message.id === undefined ? undefined : waiting.get(message.id);
    if (message.id === undefined || call === undefined) return;
    waiting.delete(message.id);
    if (message.error === undefined) call.resolve(message.result ?? {});
    else call.reject(new Error(message.error.message));
  });
  let count = 0;
  const send = (method: string, params: Params = {}, sessionId?: string): Promise<Params> =>
    new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve, reject });
      socket.send(JSON.stringify({ id: count, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    });
  return {
    open: async (path, view = {}) => {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const id = String(sessionId);
      return openPage(
        path,
        view,
        (method, params) => send(method, params, id),
        (listen) =>
          listeners.add((message) => {
            if (message.sessionId === id) listen(message);
          }),
      );
    },
    close: async () => {
      socket.close();
      end();
      await ended;
      process.removeListener('exit', end);
    },
  };
}

async function openPage(
  path: string,
  { width = 1280, height = 900, dark = false, script = true }: BrowserView,
  call: Call,
  listen: (listener: (message: Message) => void) => void,
): Promise<TestPage> {
  const problems: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    listen(({ method, params = {} }) => {
      if (method === 'Page.loadEventFired') resolve();
      else if (method === 'Network.requestWillBeSent') requests.push(String((params.request as Params).url));
      else if (method === 'Runtime.exceptionThrown') problems.push(JSON.stringify(params.exceptionDetails));
      else if (method === 'Runtime.consoleAPICalled') problems.push(JSON.stringify(params.args));
      else if (method === 'Log.entryAdded') problems.push(String((params.entry as Params).text));
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`);
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
  await call('Emulation.setEmulatedMedia', { features });
  await call('Emulation.setScriptExecutionDisabled', { value: !script });
  await call('Page.navigate', { url: pathToFileURL(path).href });
  await loaded;
  return {
    evaluate: async <T>(expression: string) => {
      const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { value: T }).value;
    },
    press: async (key) => {
      const code = KEY_CODES[key] ?? key.charCodeAt(0);
      const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
      const params = { key, code: key, windowsVirtualKeyCode: code };
      await call('Input.dispatchKeyEvent', { type: 'keyDown', ...params, ...(text === undefined ? {} : { text }) });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', ...params });
    },
    screenshot: async (whole = true) => {
      const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
      return Buffer.from(String(data), 'base64');
    },
    problems: () => problems,
    requests: () => requests,
  };
}

const KEY_CODES: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};

/** Where it listens, which it says first of all. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`Chromium ended with ${code ?? signal}: ${said.slice(-2_000)}`)),
    );
  });
}

function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new Error(`no connection to ${url}`)));
  });
}
