const secrets = new Set<string>();

/** Makes {@link redact} hide `value` from now on; values under four characters are ignored, they would hide ordinary text. */
export function registerSecret(value: string): void {
  if (value.length >= 4) secrets.add(value);
}

/**
 * Removes credentials from text that a person or a log will see.
 *
 * Hides every registered secret (also URL-encoded), user information in URLs, `Authorization` values, and query values
 * whose name says token, secret, password, signature or key.
 */
export function redact(text: string): string {
  let out = text;
  // The longest first: a secret that begins like another one must not leave its tail behind.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    out = out.replaceAll(secret, '***');
    const encoded = encodeURIComponent(secret.toWellFormed());
    if (encoded !== secret) out = out.replaceAll(encoded, '***');
  }
  return (
    out
      // Up to the last @ before the path, for a password may hold one; but name@sha256:... is a digest.
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*@(?!sha\d+:)/gi, '$1***@')
      .replace(/(\bauthorization['"]?\s*[:=]\s*['"]?)((?:basic|bearer)\s+)?[^\s'",;]+/gi, '$1$2***')
      // "basic authentication" is ordinary text: a credential has a digit, a padding or mixed case, or is long.
      .replace(
        /\b([Bb]earer|[Bb]asic|BEARER|BASIC)\s+(?!\w+=['"])(?=\S*(?:[0-9=]|[a-z][A-Z])|\S{20})[A-Za-z0-9._~+/=-]{6,}/g,
        '$1 ***',
      )
      .replace(/([?&][^=&\s]*(?:token|secret|password|signature|credential|key)[^=&\s]*=)[^&\s'"]+/gi, '$1***')
  );
}

/** {@link redact} for every text in plain data; everything that is not text stays as it is. */
export function redactData(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactData);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactData(item)]));
}
