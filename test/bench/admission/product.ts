// Patchline as `serve` composes it; the labels of namespaces come from memory, as a watch has them. Argument: configuration (file).
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { composeServer } from '../../../src/app/webhook/serve.ts'
import { readConfig } from '../../../src/config/index.ts'
import { serveParent } from './child.ts'

const [path = ''] = process.argv.slice(2)
const config = readConfig(readFileSync(path, 'utf8'), {
  environment: {},
  baseDirectory: dirname(path),
  readFile: file => readFileSync(file, 'utf8'),
})
const known = new Map([['shop', { 'kubernetes.io/metadata.name': 'shop' }]])
const server = await composeServer(config, { namespaces: { labelsOf: name => known.get(name) } })
serveParent(server.webhookPort, () => server.close({ drain: false }))
