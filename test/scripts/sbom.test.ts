import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fieldsOf, parseLockfile } from '../../scripts/lockfile.ts'
import { sbomOf } from '../../scripts/sbom.ts'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
const project = {
  manifest: fieldsOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))),
  lock: fieldsOf(JSON.parse(text)),
}
const runtime = parseLockfile(text).filter(({ isRuntime }) => isRuntime)

function fieldOf(document: unknown, list: string, field: string): readonly string[] {
  const items = fieldsOf(document)[list]
  return Array.isArray(items) ? items.map(item => String(fieldsOf(item)[field])) : []
}

// A package's address as https://github.com/package-url/purl-spec has it for npm.
function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

t.test('the SBOM has the packages that are named, and is the same each time', async t => {
  const document = sbomOf(project, runtime)
  t.strictSame(document, sbomOf(project, runtime))
  t.strictSame(
    fieldOf(document, 'components', 'purl').toSorted(),
    [...new Set(runtime.map(purlOf))].toSorted(),
  )

  // `pino` needs `sonic-boom`, and more that is left out here.
  const some = runtime.filter(({ name }) => name === 'pino' || name === 'sonic-boom')
  const part = sbomOf(project, some)
  const [pino = '', sonicBoom = ''] = some.map(({ name, version }) => `${name}@${version}`)
  t.strictSame(fieldOf(part, 'components', 'purl'), some.map(purlOf))
  t.strictSame(fieldOf(part, 'dependencies', 'ref'), ['patchline@0.1.0', pino, sonicBoom])
  t.strictSame(fieldOf(part, 'dependencies', 'dependsOn'), [pino, sonicBoom, ''])
  t.not(part['serialNumber'], document['serialNumber'])
})
