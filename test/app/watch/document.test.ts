import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { startWatch } from './watch-fixture.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/image-watcher.md'), 'utf8')
const repositories = {
  'mojaloop/central-ledger': ['v11.0.0', 'v11.0.1', 'v12.0.0'],
  'library/nginx': ['1.25.1', '1.25.5', '1.26.0'],
}
const admin = 'a'.repeat(32)

/** The commands of the page, each with what it prints as far as the page says. */
function commandsOf(text: string): readonly { readonly command: string; readonly output: string }[] {
  const blocks = [...text.matchAll(/```console\n([^]*?)```/g)].map(([, block = '']) => block)
  return blocks.flatMap(block =>
    block
      .split(/^\$ /m)
      .filter(part => part !== '')
      .map(part => {
        const [command = '', ...output] = part.trimEnd().split('\n')
        return { command, output: output.join('\n') }
      }),
  )
}

t.test('each command of the page does what the page says', async t => {
  const open = await startWatch(t, { repositories })
  const closed = await startWatch(t, {
    repositories,
    environment: { T: admin },
    yaml: 'api: { address: 127.0.0.1, port: 0, authentication: tokens, tokens: [{ name: a, tokenFrom: { environment: T }, write: true }] }',
  })
  const commands = commandsOf(page)
  t.equal(commands.length, 8)
  for (const { command, output } of commands) {
    const { origin } = command.includes('ADMIN_TOKEN') ? closed : open
    const text = command
      .replace('http://localhost:4006', origin)
      .replace('curl -s', 'curl -s -S --fail-with-body')
    const isProblem = output.includes('about:blank')
    const env = { ADMIN_TOKEN: admin, PATH: '/usr/bin:/bin' }
    const run = promisify(execFile)('bash', ['-c', isProblem ? `${text} || true` : text], { env })
    const { stdout } = await run
    if (output !== '') t.equal(stdout, output, command)
    else t.pass(command)
  }
})

t.test('the document of the interface has the paths and names each schema', async t => {
  const { get } = await startWatch(t, { repositories })
  const { status, body } = await get('/openapi.json')
  t.equal(status, 200)
  t.match(body, {
    openapi: '3.1.0',
    paths: {
      '/images/{image}/{tag}': {},
      '/verdicts': {},
      '/gatekeeper/v1beta1': {},
      '/watches/{image}': {},
    },
  })
  const text = JSON.stringify(body)
  const { components } = JSON.parse(text)
  for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
    t.ok(components.schemas[name], name)
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const schema of Object.values<object>(components.schemas)) t.ok(ajv.validateSchema(schema))
})
