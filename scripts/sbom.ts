import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fieldsOf, isRuntimeEntry, type LockedPackage } from './lockfile.ts'

type Fields = ReturnType<typeof fieldsOf>

/** package.json and package-lock.json as they were parsed. */
export interface Project {
  readonly manifest: Fields
  readonly lock: Fields
}

/**
 * Some of the packages that a project runs with as CycloneDX 1.5, without the network. The same lock file, packages and npm
 * give the same document, so no date stands in it.
 */
export function sbomOf(project: Project, packages: readonly LockedPackage[]): Fields {
  const made = sbomOfAll(project)
  const metadata = fieldsOf(made['metadata'])
  // npm takes the name of the directory.
  const component: Fields = { ...fieldsOf(metadata['component']), name: project.manifest['name'] }
  const root = String(component['bom-ref'])
  const listed = new Set([root, ...packages.map(({ name, version }) => `${name}@${version}`)])
  const document = {
    ...made,
    serialNumber: undefined,
    metadata: { ...metadata, timestamp: undefined, component },
    components: oneEach(made['components'], 'bom-ref').filter(each => listed.has(String(each['bom-ref']))),
    dependencies: oneEach(made['dependencies'], 'ref')
      .filter(({ ref }) => listed.has(String(ref)))
      .map(each => ({
        ...each,
        dependsOn: listOf(each['dependsOn']).filter(ref => listed.has(String(ref))),
      })),
  }
  return { ...document, serialNumber: serialNumberOf(document) }
}

// `npm sbom --omit=dev` leaves out each package that a development dependency needs as well (seen with npm 11.19: `yaml` was
// missing), so it gets a project that has no development dependencies.
function sbomOfAll({ manifest, lock }: Project): Fields {
  const { '': root, ...entries } = fieldsOf(lock['packages'])
  const runtime = Object.entries(entries).filter(([, entry]) => isRuntimeEntry(fieldsOf(entry)))
  const packages = { '': withoutDevelopment(fieldsOf(root)), ...Object.fromEntries(runtime) }
  const directory = mkdtempSync(join(tmpdir(), 'patchline-sbom-'))
  try {
    writeFileSync(join(directory, 'package.json'), JSON.stringify(withoutDevelopment(manifest)))
    writeFileSync(join(directory, 'package-lock.json'), JSON.stringify({ ...lock, packages }))
    const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
    return fieldsOf(
      JSON.parse(execFileSync('npm', ['sbom', ...options], { cwd: directory, encoding: 'utf8' })),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

// npm 10 writes one for each copy of the same version, which the schema refuses.
function oneEach(list: unknown, key: string): readonly Fields[] {
  return [...new Map(listOf(list).map(item => [fieldsOf(item)[key], fieldsOf(item)])).values()]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function withoutDevelopment(manifest: Fields): Fields {
  return { ...manifest, devDependencies: undefined }
}

// A UUID of version 8 (RFC 9562) from the content: another content is another document.
function serialNumberOf(content: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`]
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`
}
