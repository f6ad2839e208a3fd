import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { createCertificates } from '../src/certificates/index.ts'

const main = join(import.meta.dirname, '../src/main.ts')

t.test('SIGUSR1 opens no inspector', async t => {
  // It reads standard input for as long as that is open.
  const child = spawn(process.execPath, [main, 'check', 'nginx:1.25.1', '--tags-from', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  // More than a pipe holds: once it is written, the program has started and reads. Earlier, the signal would end a process that is no
  // Node yet.
  const many = Array.from({ length: 100_000 }, (_, patch) => `1.24.${patch}\n`).join('')
  await new Promise(resolve => child.stdin.write(many, resolve))
  child.kill('SIGUSR1')
  child.stdin.end('1.25.1\n1.25.5\n')
  const [code] = await once(child, 'close')
  t.equal(code, 2, err)
  t.match(out, '1.25.5')
  t.notMatch(err, /Debugger|inspect/)
})

// Runs before the program, and writes at its end which packages any of its modules came from.
const trace = `
import { writeSync } from 'node:fs'
import { registerHooks } from 'node:module'
const packages = new Set()
registerHooks({
  load(url, context, next) {
    const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? []
    if (name !== undefined) packages.add(name)
    return next(url, context)
  },
})
process.on('exit', () => writeSync(3, [...packages].join('\\n')))
`

interface Loaded {
  readonly output: string
  readonly packages: readonly string[]
}

/** What a command loads; one that would not end is ended once it has written `until`. */
async function load(command: readonly string[], until?: string): Promise<Loaded> {
  const hook = `data:text/javascript,${encodeURIComponent(trace)}`
  const child = spawn(process.execPath, ['--import', hook, main, ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (until !== undefined && !child.killed && output.includes(until)) child.kill('SIGTERM')
    })
  let packages = ''
  child.stdio[3]?.on('data', (chunk: Buffer) => void (packages += chunk.toString()))
  await once(child, 'close')
  return { output, packages: packages.split('\n') }
}

const { serving } = await createCertificates({ hosts: ['localhost'], now: Date.now() })
const directory = t.testdir({
  tags: '1.25.1\n1.25.5\n',
  'tls.crt': serving.certificate,
  'tls.key': serving.key,
  'patchline.yaml': `
webhook: { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key, drainSeconds: 0 }
operations: { address: 127.0.0.1, port: 0 }
kubernetes: { namespaceLabels: off, policies: off }
`,
})
const config = join(directory, 'patchline.yaml')

// The client costs whatever loads it some 0.3 s and 55 MB.
for (const [name, command, output, until] of [
  ['--version', ['--version'], /^\d/],
  [
    'check with tags from a file',
    ['check', 'nginx:1.25.1', '--tags-from', join(directory, 'tags')],
    /outdated/,
  ],
  ['check', ['check', '127.0.0.1:9/nginx:1.25.1'], /it refuses connections/],
  ['certs', ['certs', '--directory', join(directory, 'certs')], /wrote ca\.crt/],
  ['notify', ['notify', '--list', '--config', config], /./],
  ['serve without a cluster', ['serve', '--config', config], /"serving"/, '"serving"'],
] as const)
  t.test(`${name} loads no Kubernetes client`, async t => {
    const loaded = await load(command, until)
    t.match(loaded.output, output)
    t.ok(loaded.packages.includes('commander'), loaded.output)
    t.notOk(loaded.packages.includes('@kubernetes/client-node'))
  })

t.test('audit loads the Kubernetes client', async t => {
  const loaded = await load(['audit', '--once', '--kubeconfig', join(directory, 'none')])
  t.match(loaded.output, /there is no such file/)
  t.ok(loaded.packages.includes('@kubernetes/client-node'))
})
