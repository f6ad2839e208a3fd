// `patchline serve --config FILE` that reads its certificates every half second in place of every ten: as many rotations in a twentieth
// of the time.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { once } from 'node:events'
import { composeServer } from '../../src/app/webhook/serve.ts'
import { readConfig } from '../../src/config/index.ts'

const path = process.argv.at(-1) ?? ''
const config = readConfig(readFileSync(path, 'utf8'), {
  environment: {},
  baseDirectory: dirname(path),
  readFile: file => readFileSync(file, 'utf8'),
})
const ended = once(process, 'SIGTERM')
const server = await composeServer(config, { filesIntervalMilliseconds: 500 })
await ended
await server.close()
