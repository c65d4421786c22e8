import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temp.ts';

/** A self-signed certificate and its key, in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

const made = new Map<string, Certificate>();

/**
 * A certificate for localhost and 127.0.0.1 (or the given names), made by the openssl command at the first call of a
 * process. Tests that use it say `needs('openssl')`.
 */
export function testCertificate(names = 'DNS:localhost,IP:127.0.0.1'): Certificate {
  const known = made.get(names);
  if (known !== undefined) return known;
  const directory = temporaryDirectory('certificate');
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
  const subject = ['-subj', '/CN=baton test', '-addext', `subjectAltName=${names}`];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  const certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  rmSync(directory, { recursive: true, force: true });
  made.set(names, certificate);
  return certificate;
}
