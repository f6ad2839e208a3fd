/** A package as the lock file has it. */
export interface LockedPackage {
  /** Where npm puts it: `node_modules/a/node_modules/b` is a second b, only for a. */
  readonly path: string
  /** The registry's name for it, also where it is installed under another. */
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string | undefined
  /** The archive's address; undefined for the registry's own under `omit-lockfile-registry-resolved`. */
  readonly resolved: string | undefined
  readonly integrity: string | undefined
  readonly hasInstallScript: boolean
  /** Whether it is installed without development dependencies, as in the image. */
  readonly isRuntime: boolean
}

/**
 * The packages of a package-lock.json, without the project itself.
 * @throws Error where the text is no lock file of version 3
 */
export function parseLockfile(text: string): readonly LockedPackage[] {
  const { lockfileVersion, packages } = fieldsOf(JSON.parse(text))
  if (lockfileVersion !== 3)
    throw new Error(`lockfileVersion is ${String(lockfileVersion)}, and only 3 is understood`)
  return Object.entries(fieldsOf(packages))
    .filter(([path]) => path !== '')
    .map(([path, entry]) => lockedPackage(path, fieldsOf(entry)))
}

/** The members of a JSON object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value))
}

/** Whether a lock file's entry is installed without development dependencies. */
export function isRuntimeEntry({ dev, devOptional }: Readonly<Record<string, unknown>>): boolean {
  return dev !== true && devOptional !== true
}

function lockedPackage(path: string, entry: Readonly<Record<string, unknown>>): LockedPackage {
  const { name, version, license, resolved, integrity, hasInstallScript } = entry
  return {
    path,
    name: textOf(name) ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: textOf(version) ?? '',
    license: textOf(license),
    resolved: textOf(resolved),
    integrity: textOf(integrity),
    hasInstallScript: hasInstallScript === true,
    isRuntime: isRuntimeEntry(entry),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
