/**
 * Writes what the image has from npm as CycloneDX 1.5, from package-lock.json alone and without the network:
 * `npm run sbom [-- FILE]`. The same lock file and npm give the same bytes, so no date stands in it.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fieldsOf, isRuntimeEntry } from './lockfile.ts'

const [file = 'sbom.cdx.json'] = process.argv.slice(2)
const project = readFields('package.json')
const made = sbomOf(project, readFields('package-lock.json'))
const metadata = fieldsOf(made['metadata'])
const document = {
  ...made,
  serialNumber: undefined,
  // npm takes the name of the directory.
  metadata: {
    ...metadata,
    timestamp: undefined,
    component: { ...fieldsOf(metadata['component']), name: project['name'] },
  },
  components: oneEach(made['components'], 'bom-ref'),
  dependencies: oneEach(made['dependencies'], 'ref'),
}
writeFileSync(
  file,
  `${JSON.stringify({ ...document, serialNumber: serialNumberOf(document) }, undefined, 2)}\n`,
)

type Fields = ReturnType<typeof fieldsOf>

// `npm sbom --omit=dev` leaves out each package that a development dependency needs as well (seen with npm 11.19: `yaml` was
// missing), so it gets a project that has no development dependencies.
function sbomOf(manifest: Fields, lock: Fields): Fields {
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
  const items = Array.isArray(list) ? list.map(fieldsOf) : []
  return [...new Map(items.map(item => [item[key], item])).values()]
}

function withoutDevelopment(manifest: Fields): Fields {
  return { ...manifest, devDependencies: undefined }
}

function readFields(path: string): Fields {
  return fieldsOf(JSON.parse(readFileSync(path, 'utf8')))
}

// A UUID of version 8 (RFC 9562) from the content: another content is another document.
function serialNumberOf(content: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`]
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`
}
