import { fileURLToPath } from 'node:url';
import { prettyJson } from '@baton/kernel';
import { cutoverCapability } from '../executors/cutover/capability.ts';
import { imageCapability } from '../executors/image/capability.ts';
import { imagePlanCapability } from '../executors/image-plan/capability.ts';
import { parityCapability } from '../executors/parity/capability.ts';
import { publishCapability } from '../executors/publish/capability.ts';
import { verifyCapability } from '../executors/verify/capability.ts';
import { nxSchema } from './nx-schema.ts';

/** The checked-in files of this room that are made from the libraries' option definitions. */
export function generatedFiles(): { path: string; bytes: Buffer }[] {
  return [
    { path: schemaPath('cutover'), bytes: prettyJson(nxSchema(cutoverCapability)) },
    { path: schemaPath('image'), bytes: prettyJson(nxSchema(imageCapability)) },
    { path: schemaPath('image-plan'), bytes: prettyJson(nxSchema(imagePlanCapability)) },
    { path: schemaPath('parity'), bytes: prettyJson(nxSchema(parityCapability)) },
    { path: schemaPath('publish'), bytes: prettyJson(nxSchema(publishCapability)) },
    { path: schemaPath('verify'), bytes: prettyJson(nxSchema(verifyCapability)) },
  ];
}

function schemaPath(executor: string): string {
  return fileURLToPath(new URL(`../executors/${executor}/schema.json`, import.meta.url));
}
