/** Writes manifests/crds/ from the schemas: `npm run crds`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crdFiles } from './crd-files.ts'

const root = join(import.meta.dirname, '..')
for (const { path, text } of crdFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
