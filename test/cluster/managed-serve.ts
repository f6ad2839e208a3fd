// `patchline serve` as a process of its own, with managed certificates that last for seconds. Arguments: the configuration file,
// and the timing as JSON.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { composeServer } from '../../src/app/webhook/serve.ts'
import { readConfig } from '../../src/config/index.ts'

const [, , file = '', timing = '{}'] = process.argv
const surroundings = { environment: {}, baseDirectory: dirname(file), readFile: () => '' }
const server = await composeServer(readConfig(readFileSync(file, 'utf8'), surroundings), {
  timing: JSON.parse(timing),
})
process.once('SIGTERM', () => {
  void server.close({ drain: false })
})
