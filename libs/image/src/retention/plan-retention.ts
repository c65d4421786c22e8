import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BatonError, readFileLimited, sourceDateEpoch, toBatonError } from '@baton/kernel';
import { loadManifest, parseRetention, type RetentionSection } from '@baton/manifest';
import { parseReference } from '@baton/oci';
import { imageSection } from '../image-section.ts';
import { publishTarget } from '../publish-target.ts';
import { openRegistries, type PublishTarget } from '../registries.ts';
import type { ImageIo } from '../types.ts';
import { judgeRepository } from './judge.ts';
import type { ImageRetentionPlanOptions } from './options.ts';
import { readRepository } from './read-repository.ts';
import type { RetentionPlan } from './types.ts';

/**
 * Plans which images of a repository could go by its policy, and why the rest stays. Nothing is deleted, here or
 * anywhere in Baton: the registry is only asked (GET and HEAD).
 *
 * Errors: `RETENTION_INVALID`, `USAGE` (no repository, no policy, no date), `IMAGE_NOT_FOUND` (no such repository).
 */
export async function planRetention(options: ImageRetentionPlanOptions, io: ImageIo): Promise<RetentionPlan> {
  const { target, policy, policyFrom, templates } = await readPolicy(options);
  const { date, dateFrom } = dayOf(options.date, io.env);
  const { registry, repository, insecure } = target;
  const registries = openRegistries(io, { tls: insecure === undefined ? undefined : { host: registry, insecure } });
  try {
    const client = registries.connect(registry);
    const reader = await readRepository(client, repository, io);
    const rules = { policy, date, templates };
    let judgement = judgeRepository(reader.facts, rules);
    // What is attached to an image that goes would go with it; what that frees is known only when it is read.
    while (await reader.readAttached(judgement.manifests.filter(({ keep }) => !keep).map(({ digest }) => digest))) {
      judgement = judgeRepository(reader.facts, rules);
    }
    return {
      repository: `${registry}/${repository}`,
      date,
      dateFrom,
      policy,
      policyFrom,
      ...judgement,
      requests: client.stats.requests,
      notes: [...absentTags(policy, reader.facts.tags), ...reader.notes.sort()],
    };
  } finally {
    registries.close();
  }
}

interface ChosenPolicy {
  target: PublishTarget;
  policy: RetentionSection;
  policyFrom: string;
  templates: readonly string[];
}

async function readPolicy(options: ImageRetentionPlanOptions): Promise<ChosenPolicy> {
  const file = options.policy === undefined ? undefined : await policyFile(options.policy);
  const own = options.keepLast === undefined ? undefined : { keepLast: options.keepLast };
  const found = await stat(resolve(options.image)).catch(() => undefined);
  if (found === undefined && !/^[./~]/.test(options.image)) {
    if (file === undefined && own === undefined) {
      throw new BatonError('USAGE', `no policy for ${options.image}: expected --policy or --keep-last`, {
        hint: 'Name a file with the keys of image.retention, or say how many versions of each line stay.',
      });
    }
    // Without a manifest, both common ways to write a version count.
    const common = { target: repositoryOf(options.image), templates: ['{version}', 'v{version}'] };
    return { ...common, policy: { keepLast: 3, ...file, ...own }, policyFrom: originOf(options, '') };
  }
  const project = await loadManifest(options.image);
  const section = imageSection(project);
  const policy = file ?? section.retention;
  if (policy === undefined && own === undefined) {
    throw new BatonError('USAGE', `no policy for this image: ${project.path} has no section image.retention`, {
      hint: 'Add one, such as "retention: { keepLast: 3 }", or use --policy or --keep-last.',
    });
  }
  return {
    target: publishTarget(project, section, {}),
    policy: { keepLast: 3, ...policy, ...own },
    policyFrom: originOf(options, policy === undefined ? '' : 'agent.yaml'),
    templates: section.tags,
  };
}

function originOf({ policy, keepLast }: ImageRetentionPlanOptions, manifest: string): string {
  const from = [policy ?? manifest, keepLast === undefined ? '' : '--keep-last'];
  return from.filter((part) => part !== '').join(' and ');
}

async function policyFile(path: string): Promise<RetentionSection> {
  const bytes = await readFileLimited(path, 1024 * 1024).catch((error: unknown) => {
    throw new BatonError('RETENTION_INVALID', `cannot read the policy ${path}: ${toBatonError(error).message}`, {
      hint: 'It is a file with the keys of image.retention, in YAML or JSON.',
      cause: error,
    });
  });
  return parseRetention(bytes, path);
}

function repositoryOf(text: string): PublishTarget {
  const { registry, repository, tag, digest } = parseReference(text);
  if (tag === undefined && digest === undefined) return { registry, repository };
  throw new BatonError('USAGE', `"${text}" names one image, expected a repository`, {
    hint: `Try ${registry}/${repository}: retention is about all of its tags.`,
  });
}

/** The day to plan for, and where it is from. A plan is made by people or CI now and then: only here a clock is read. */
function dayOf(given: string | undefined, env: NodeJS.ProcessEnv): { date: string; dateFrom: string } {
  if (given !== undefined) return { date: given, dateFrom: '--date' };
  const epoch = sourceDateEpoch(env);
  if (epoch === undefined) return { date: new Date().toISOString().slice(0, 10), dateFrom: 'today' };
  return { date: new Date(epoch * 1000).toISOString().slice(0, 10), dateFrom: 'SOURCE_DATE_EPOCH' };
}

function absentTags({ keepUntil = {} }: RetentionSection, tags: ReadonlyMap<string, unknown>): string[] {
  return Object.keys(keepUntil)
    .filter((tag) => !tags.has(tag))
    .map((tag) => `keepUntil names the tag ${tag}, which is not there`);
}
