/** The package URL of an npm package (purl specification, type `npm`). */
export function npmUrl(name: string, version: string | undefined): string {
  const [first = '', ...rest] = name.split('/');
  return `pkg:npm/${[first, ...rest].map(encode).join('/')}${version === undefined ? '' : `@${encode(version)}`}`;
}

/** The package URL of a Debian package (type `deb`); `os` is what os-release says, Debian where it says nothing. */
export function debianUrl(
  item: { name: string; version: string; architecture: string },
  os: { id?: string | undefined; version?: string | undefined },
): string {
  const id = os.id ?? 'debian';
  const distro = os.version === undefined ? '' : `&distro=${encode(`${id}-${os.version}`)}`;
  const { name, version, architecture } = item;
  return `pkg:deb/${encode(id)}/${encode(name)}@${encode(version)}?arch=${encode(architecture)}${distro}`;
}

/** The package URL of an image (type `oci`): its name is the last part of where it is published. */
export function imageUrl(name: string, digest: string, architecture: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return `pkg:oci/${encode(last)}@${encode(digest)}?arch=${encode(architecture)}`;
}

// encodeURIComponent leaves ! ' ( ) * alone, which the specification wants encoded.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
