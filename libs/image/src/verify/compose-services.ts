import { BatonError } from '@baton/kernel';
import { parseReference } from '@baton/oci';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import { pieces, splitOutside, withDefaults } from './compose-mount.ts';

/**
 * The services of a compose file that run an image: those named, else those whose image has this repository, whatever
 * the tag. Variables in the name stand for their defaults, or for anything. Errors: `COMPOSE_INVALID` when there is none.
 *
 * @param repository `registry/name`; undefined when the image has no such name
 */
export function chooseServices(
  file: ComposeFile,
  repository: string | undefined,
  names: readonly string[] | undefined,
): ComposeService[] {
  if (names !== undefined && names.length > 0) return names.map((name) => serviceNamed(file, name));
  const found =
    repository === undefined
      ? []
      : file.services.filter(({ image }) => image !== undefined && isOfRepository(image, repository));
  if (found.length > 0) return found;
  const there = file.services.map(({ name, image }) => `${name} (${image ?? 'built'})`).join(', ') || 'none';
  const wanted = repository === undefined ? 'the image, which has no repository' : repository;
  throw new BatonError('COMPOSE_INVALID', `${file.name}: expected a service that runs ${wanted}, found ${there}`, {
    hint: 'Name the service that runs it with --service.',
  });
}

function serviceNamed(file: ComposeFile, name: string): ComposeService {
  const found = file.services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const there = file.services.map((service) => service.name).join(', ') || 'none';
  throw new BatonError('COMPOSE_INVALID', `${file.name}: expected a service "${name}", found ${there}`, {
    hint: 'Name one that is there with --service.',
  });
}

/** More than anybody writes into one name; each costs time to match. */
const MOST_VARIABLES = 4;

/** Whether the image of a service is of a repository: `ghcr.io/acme/agent:${TAG:-latest}` is of `ghcr.io/acme/agent`. */
export function isOfRepository(image: string, repository: string): boolean {
  const whole = withDefaults(image) ?? image;
  const [beforeDigest = ''] = splitOutside(whole, '@');
  const slash = splitOutside(beforeDigest, '/');
  const [last = ''] = splitOutside(slash.pop() ?? '', ':');
  const parts = pieces([...slash, last].join('/'));
  if (parts.every(({ literal }) => literal !== undefined)) {
    return canonical(parts.map(({ literal }) => literal).join('')) === canonical(repository);
  }
  const variables = parts.filter(({ literal }) => literal === undefined).length;
  if (variables > MOST_VARIABLES) return false;
  // A name that is one variable could be any image.
  if (!parts.some(({ literal }) => literal !== undefined && /[a-z0-9]/.test(literal))) return false;
  return matches(parts, repository) || matches(parts, repository.replace(/^docker\.io\/(?:library\/)?/, ''));
}

function matches(parts: readonly { literal?: string }[], repository: string): boolean {
  const pattern = parts.map(({ literal }) => (literal === undefined ? '[^\\s]*' : literal.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${pattern.join('')}$`).test(repository);
}

function canonical(name: string): string | undefined {
  try {
    const { registry, repository } = parseReference(name);
    return `${registry}/${repository}`;
  } catch {
    // Not the name of an image: then it is no service's of ours.
    return undefined;
  }
}
