import { registerSecret } from '@baton/kernel';

/** What proves to a registry who is asking. An identity token is exchanged for access tokens (OAuth2 refresh). */
export type Credentials = { username: string; password: string } | { identityToken: string };

/** Hides credentials, in every form in which they are sent, from messages; returns them. */
export function known(credentials: Credentials): Credentials {
  if ('identityToken' in credentials) {
    registerSecret(credentials.identityToken);
    registerSecret(basicValue(asBasic(credentials)));
    return credentials;
  }
  registerSecret(credentials.password);
  registerSecret(basicValue(credentials));
  return credentials;
}

/** The user name that says that the password is an identity token, to helpers and to token servers. */
export const TOKEN_USER = '<token>';

/** Credentials as user and password. */
export function asBasic(credentials: Credentials): { username: string; password: string } {
  if ('username' in credentials) return credentials;
  return { username: TOKEN_USER, password: credentials.identityToken };
}

/** What follows `Basic ` in an `Authorization` header (RFC 7617). */
export function basicValue({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
