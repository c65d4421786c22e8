import type { Hit, Rule } from '../rule.ts';
import { type SecretPlace, secretPlaces } from '../secrets.ts';

/** `secret-in-image`. */
export const secretInImage: Rule = {
  code: 'secret-in-image',
  severity: 'error',
  about: 'A secret in ARG, ENV or plain text: whoever has the image can read it.',
  check: (file) =>
    secretPlaces(file).map(
      (place): Hit => ({
        span: place.span,
        message: MESSAGES[place.kind](place.what),
        hint: HINTS[place.kind],
      }),
    ),
};

const MESSAGES: Record<SecretPlace['kind'], (what: string) => string> = {
  argument: (what) =>
    `the argument ${what} is by its name a secret, and arguments stay readable in the image's history`,
  environment: (what) => `${what} is by its name a secret, and whoever has the image can read it`,
  text: (what) => `this looks like ${what}, and whoever has the image can read it`,
};

const HINTS: Record<SecretPlace['kind'], string> = {
  argument: 'Fetch what needs it outside of the build (in the bundle command) and COPY the result.',
  environment:
    'Give it to the container when it starts: by the environment of its service, or a file under /run/secrets.',
  text: 'Remove it, and make a new one: this one is known to whoever read the file.',
};
