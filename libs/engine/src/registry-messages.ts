import { BatonError, type ErrorCode } from '@baton/kernel';

// What registries and engines say, in the words of Docker 19.03 to 28 and of BuildKit; an engine gives no codes.
const MEANINGS: readonly [RegExp, ErrorCode][] = [
  [/no basic auth credentials|authentication required|authorization required|no active session/i, 'AUTH_MISSING'],
  [
    /unauthorized|access (to the resource is )?denied|^denied|: denied|authorization failed|forbidden|incorrect username/i,
    'AUTH_DENIED',
  ],
  [/toomanyrequests|too many requests|rate limit/i, 'RATE_LIMITED'],
  [/no matching manifest|does not (match|provide) the (specified |requested )?platform/i, 'PLATFORM_MISSING'],
  [/manifest[^:]*unknown|name unknown|repository name not known|not found|does not exist/i, 'IMAGE_NOT_FOUND'],
  [
    /connection refused|no such host|i\/o timeout|network is unreachable|no route to host|TLS handshake|x509|server gave HTTP response to HTTPS client|connection reset|server misbehaving|EOF$/i,
    'REGISTRY_UNREACHABLE',
  ],
];

/** Which of our errors a message of an engine about a registry is; undefined when it is about something else. */
export function registryCode(message: string, hadAuth: boolean): ErrorCode | undefined {
  const code = MEANINGS.find(([pattern]) => pattern.test(message))?.[1];
  if (code === 'AUTH_MISSING' && hadAuth) return 'AUTH_DENIED';
  if (code === 'AUTH_DENIED' && !hadAuth) return 'AUTH_MISSING';
  return code;
}

/**
 * The error for a message of an engine about a registry.
 *
 * @param what what was being done: 'pushing 127.0.0.1:5000/a:1'
 */
export function registryFailure(what: string, message: string, hadAuth: boolean, cause?: unknown): BatonError {
  const code = registryCode(message, hadAuth) ?? 'ENGINE_FAILED';
  const hint = HINTS[code];
  return new BatonError(code, `${what} failed: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
    retryable: code === 'REGISTRY_UNREACHABLE' || code === 'RATE_LIMITED',
  });
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  AUTH_MISSING: 'Log in to the registry ("docker login HOST"), or set the credentials that the manifest names.',
  AUTH_DENIED: 'Check the credentials for this registry, and that they may do this.',
  REGISTRY_UNREACHABLE:
    'The engine itself connects to the registry: check that the name and port are right from where the engine runs, and that it may use plain HTTP there.',
};
