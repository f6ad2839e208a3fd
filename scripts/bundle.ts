/**
 * Writes what the image holds, bundle/ or the directory that is named: the program with the code that it uses of its packages,
 * their licences, and an SBOM of them. Nothing of it looks for node_modules.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundleCode, filesIn } from './bundle-code.ts'
import { licensesOf, packagesOf } from './bundled-packages.ts'
import { fieldsOf, parseLockfile } from './lockfile.ts'
import { sbomOf } from './sbom.ts'

const root = join(import.meta.dirname, '..')
const [named = 'bundle'] = process.argv.slice(2)
const directory = resolve(named)
const manifest = fieldsOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')

rmSync(join(directory, 'chunks'), { recursive: true, force: true })
const packages = packagesOf(filesIn(await bundleCode(root, directory)), parseLockfile(lock))
const { name, version, license, type } = manifest
copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'))
write('package.json', json({ name, version, license, type })) // the type says that its files are ES modules
write('THIRD-PARTY-LICENSES.txt', licensesOf(root, packages))
write('sbom.cdx.json', json(sbomOf({ manifest, lock: fieldsOf(JSON.parse(lock)) }, packages)))

function write(file: string, text: string): void {
  writeFileSync(join(directory, file), text)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
