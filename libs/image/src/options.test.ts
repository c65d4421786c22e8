import { expect, test } from 'vitest';
import * as z from 'zod';
import {
  imageBuildOptions,
  imageExportOptions,
  imageInspectOptions,
  imageLockOptions,
  imagePublishOptions,
} from './options.ts';

const COMMANDS = { imageBuildOptions, imagePublishOptions, imageExportOptions, imageInspectOptions, imageLockOptions };

test('what is not said has a default', () => {
  expect(imageBuildOptions.parse({})).toEqual({ path: '.', locked: false, force: false, dryRun: false, bundle: true });
  expect(imagePublishOptions.parse({})).toEqual({
    path: '.',
    build: false,
    locked: false,
    dryRun: false,
    force: false,
  });
  expect(imageExportOptions.parse({ to: 'x' })).toEqual({ path: '.', to: 'x', format: 'layout' });
  expect(imageInspectOptions.parse({})).toEqual({ image: '.', sbom: false, provenance: false });
  expect(imageLockOptions.parse({})).toEqual({ path: '.', check: false });
});

test.each(Object.entries(COMMANDS))('%s: every option can be explained to a person', (_, options) => {
  const schema = z.toJSONSchema(options, { io: 'input' });
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    expect(property, name).toMatchObject({ title: expect.any(String), description: expect.any(String) });
  }
  expect(schema.additionalProperties).toBe(false);
});
