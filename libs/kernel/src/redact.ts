const secrets = new Set<string>();

/** Makes {@link redact} hide `value` from now on; values under four characters are ignored, they would hide ordinary text. */
export function registerSecret(value: string): void {
  if (value.length >= 4) secrets.add(value);
}

/**
 * Removes credentials from text that a person or a log will see.
 *
 * Hides every registered secret, user information in URLs, `Authorization` values, and query values whose name says
 * token, secret, password, signature or key.
 */
export function redact(text: string): string {
  let out = text;
  for (const secret of secrets) {
    out = out.replaceAll(secret, '***');
    const encoded = encodeURIComponent(secret);
    if (encoded !== secret) out = out.replaceAll(encoded, '***');
  }
  return out
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]+@/gi, '$1***@')
    .replace(/\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}/gi, '$1 ***')
    .replace(/([?&][^=&\s]*(?:token|secret|password|signature|credential|key)[^=&\s]*=)[^&\s'"]+/gi, '$1***');
}
