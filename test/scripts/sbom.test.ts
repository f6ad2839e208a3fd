import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import t from 'tap'
import { fieldsOf, parseLockfile } from '../../scripts/lockfile.ts'

const root = join(import.meta.dirname, '../..')
const library = fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json'))

function schema(name: string): Readonly<Record<string, unknown>> {
  return fieldsOf(
    JSON.parse(readFileSync(join(library, `../res/schema/${name}.SNAPSHOT.schema.json`), 'utf8')),
  )
}

// A package's address as https://github.com/package-url/purl-spec has it for npm.
function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

t.test('the SBOM is CycloneDX, has each package that runs, and is the same each time', async t => {
  // As the Dockerfile has it: nothing is installed there that only develops, and nothing but these files is seen.
  const directory = t.testdir({ scripts: {} })
  for (const file of ['package.json', 'package-lock.json', 'scripts/lockfile.ts', 'scripts/sbom.ts'])
    cpSync(join(root, file), join(directory, file))
  const make = (file: string) =>
    execFileSync(process.execPath, ['scripts/sbom.ts', file], { cwd: directory, encoding: 'utf8' })
  make('one.json')
  make('two.json')
  const text = readFileSync(join(directory, 'one.json'), 'utf8')
  t.equal(text, readFileSync(join(directory, 'two.json'), 'utf8'))

  const document = fieldsOf(JSON.parse(text))
  // Formats are left out: they need packages of their own, and what npm gives for addresses is what the authors wrote.
  const ajv = new Ajv({ strict: false, validateFormats: false })
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  t.ok(ajv.validate(schema('bom-1.5'), document), ajv.errorsText())
  const { name, purl, type } = fieldsOf(fieldsOf(document['metadata'])['component'])
  t.strictSame([name, purl, type], ['patchline', 'pkg:npm/patchline@0.1.0', 'application'])

  const components = Array.isArray(document['components']) ? document['components'].map(fieldsOf) : []
  const runtime = parseLockfile(readFileSync(join(root, 'package-lock.json'), 'utf8')).filter(
    ({ isRuntime }) => isRuntime,
  )
  const purls = components.map(({ purl }) => String(purl))
  t.strictSame(purls.toSorted(byText), [...new Set(runtime.map(purlOf))].toSorted(byText))
  for (const component of components)
    t.ok(component['hashes'] !== undefined && component['licenses'] !== undefined, String(component['purl']))
})
