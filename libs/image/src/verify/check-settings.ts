import { plural } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { type ImageIndex, parsePlatform, type RuntimeConfig, samePlatform } from '@baton/oci';
import { imageEnvironment } from './check-program.ts';
import type { ReadPlatform } from './read-documents.ts';
import type { ImageCheck } from './types.ts';

/** Holds the platforms of an image against each other and against those that the manifest wants. */
export function checkPlatforms(found: readonly ReadPlatform[], section: ImageSection | undefined): ImageCheck[] {
  const checks: ImageCheck[] = [];
  const add = (result: ImageCheck['result'], detail: string): void =>
    void checks.push({ id: 'platforms', result, detail });
  for (const [i, one] of found.entries()) {
    if (found.slice(0, i).some(({ platform }) => samePlatform(platform, one.platform)))
      add('failed', `the index has two images for ${one.text}: which one runs depends on the reader`);
  }
  const names = found.map(({ text }) => text).join(', ');
  if (section === undefined) {
    if (checks.length === 0 && found.length > 0) add('passed', names);
    return checks;
  }
  const wanted = section.platforms.map(parsePlatform);
  for (const [i, platform] of wanted.entries()) {
    if (!found.some((one) => samePlatform(one.platform, platform)))
      add('failed', `expected ${section.platforms[i]}, as agent.yaml says, found ${names || 'none'}`);
  }
  for (const { platform, text } of found) {
    if (!wanted.some((one) => samePlatform(one, platform)))
      add('failed', `found ${text}, which agent.yaml does not list (${section.platforms.join(', ')})`);
  }
  if (checks.length === 0) add('passed', `${names}, as agent.yaml says`);
  return checks;
}

/** Holds the settings of one platform against the manifest: what it sets must be so; what it leaves open is the base's. */
export function checkSettings(config: RuntimeConfig, project: LoadedManifest): ImageCheck[] {
  const image = project.manifest.image;
  if (image === undefined) return [];
  const wrong: ImageCheck[] = [];
  const held: string[] = [];
  const hold = (id: string, expected: unknown, found: unknown): void => {
    if (expected === undefined) return;
    if (JSON.stringify(expected) === JSON.stringify(found)) {
      held.push(id);
      return;
    }
    const detail = `expected ${text(expected)}, as agent.yaml says, found ${text(found)}`;
    wrong.push({ id: `settings-${id}`, result: 'failed', detail });
  };
  hold('entrypoint', image.entrypoint, config.Entrypoint);
  hold('cmd', image.cmd, config.Cmd);
  hold('user', image.user, config.User);
  hold('workdir', image.workdir, config.WorkingDir);
  const env = imageEnvironment(config);
  for (const [name, value] of Object.entries(image.env ?? {})) hold('env', `${name}=${value}`, pair(env, name));
  const volumes = Object.keys(config.Volumes ?? {});
  for (const path of image.volumes ?? []) hold('volumes', path, volumes.includes(path) ? path : undefined);
  for (const [name, value] of Object.entries(wantedLabels(project, image)))
    hold('labels', `${name}=${value}`, pair(config.Labels ?? {}, name));
  if (wrong.length > 0) return wrong;
  const kinds = [...new Set(held)];
  const detail = kinds.length === 0 ? 'agent.yaml sets none' : `${kinds.join(', ')}: as agent.yaml says`;
  return [{ id: 'settings', result: 'passed', detail }];
}

// Without a driver that takes labels from agent.yaml there is nothing but what it lists.
function wantedLabels(project: LoadedManifest, image: ImageSection): Record<string, string> {
  const title = image.driver === 'embedded' ? { 'org.opencontainers.image.title': project.manifest.name } : {};
  return { ...title, ...image.labels };
}

/** Holds the annotations of the index against the manifest. */
export function checkAnnotations(index: ImageIndex, section: ImageSection): ImageCheck[] {
  const wanted = Object.entries(section.annotations ?? {});
  const found = index.annotations ?? {};
  const wrong = wanted.filter(([name, value]) => pair(found, name) !== `${name}=${value}`);
  if (wanted.length > 0 && wrong.length === 0) {
    return [
      { id: 'annotations', result: 'passed', detail: `${plural(wanted.length, 'annotation')}: as agent.yaml says` },
    ];
  }
  return wrong.map(([name, value]): ImageCheck => {
    const detail = `expected ${text(`${name}=${value}`)} on the index, as agent.yaml says, found ${text(pair(found, name))}`;
    return { id: 'annotations', result: 'failed', detail };
  });
}

function pair(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? `${name}=${values[name]}` : undefined;
}

function text(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value);
  return json.length > 200 ? `${json.slice(0, 200)}...` : json;
}
