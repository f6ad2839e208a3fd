import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { freePorts } from '../../support/network/free-ports.ts'

const main = join(import.meta.dirname, '../../../src/main.ts')
const { serving } = await createCertificates({ hosts: ['localhost'], now: Date.now() })

interface Ended {
  readonly code: number | null
  readonly text: string
}

function serve(config: string): {
  readonly kill: (signal: 'SIGTERM' | 'SIGINT') => void
  readonly ended: Promise<Ended>
} {
  const child = spawn(execPath, [main, 'serve', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : null,
    text,
  }))
  return { kill: signal => void child.kill(signal), ended }
}

async function ready(port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

for (const [signal, shortest] of [
  ['SIGTERM', 1000],
  ['SIGINT', 0],
] as const)
  t.test(`serves until ${signal}, then ends in order`, async t => {
    const [webhook = 0, operations = 0] = await freePorts(2)
    const directory = t.testdir({
      'tls.crt': serving.certificate,
      'tls.key': serving.key,
      'patchline.yaml': `
webhook: { address: 127.0.0.1, port: ${webhook}, certificateFile: tls.crt, keyFile: tls.key, drainSeconds: 1 }
operations: { address: 127.0.0.1, port: ${operations} }
kubernetes: { namespaceLabels: off }
`,
    })
    const server = serve(join(directory, 'patchline.yaml'))
    await ready(operations)
    const asked = performance.now()
    server.kill(signal)
    const { code, text } = await server.ended
    t.equal(code, 0)
    t.ok(performance.now() - asked >= shortest, 'drained as configured')
    t.match(text, /"msg":"serving"[^]*"msg":"draining"/, 'the log is written to the end')
  })

t.test('what it cannot start with is said in one line', async t => {
  const directory = t.testdir({ 'patchline.yaml': 'webhook: { certificateFile: no.crt, keyFile: no.key }\n' })
  const { code, text } = await serve(join(directory, 'patchline.yaml')).ended
  t.equal(code, 1)
  t.equal(
    text,
    `patchline: cannot serve: ${join(directory, 'no.crt')}: no such file (webhook.certificateFile and webhook.keyFile; patchline certs makes a new pair)\n`,
  )
})
