import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { imageCommand } from '../support/program/image-command.ts'
import { startPatchline, type LocalPatchline } from '../support/program/local-patchline.ts'
import { memoryRegistry } from '../support/registry/registry-fixture.ts'
import { reviewOf } from './reviews.ts'

// What anything that reaches the webhook's ports can do, with neither certificate nor path, beside an API server that goes on
// asking: in the memory that the manifest gives. Ten minutes, or SIEGE_SECONDS; on a machine that others use too, SIEGE_P99 says
// how many milliseconds one in a hundred honest reviews may take.

const seconds = Number(process.env['SIEGE_SECONDS'] ?? 600)
const slowest = Number(process.env['SIEGE_P99'] ?? 250) // milliseconds
const MiB = 1024 * 1024

const root = join(import.meta.dirname, '../..')
const { nodeFlags, environment, memoryLimit } = imageCommand(root)

interface Asked {
  readonly milliseconds: number
  /** Undefined where there was no answer in the three seconds of the manifest. */
  readonly allowed: boolean | undefined
}

/** Asks as an API server does: over connections that it keeps, once more after a Retry-After, and for three seconds in all. */
function apiServer(patchline: LocalPatchline) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const once = (body: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(
        `${patchline.origin}/validate?timeout=3s`,
        {
          agent,
          ca: patchline.authority,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          timeout: 3000,
        },
        response => {
          let text = ''
          response.on('data', (chunk: Buffer) => void (text += chunk.toString()))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          response.on('error', reject)
        },
      )
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.on('error', reject)
      asked.end(body)
    })
  return {
    async ask(body: string): Promise<Asked> {
      const start = performance.now()
      const took = (): number => performance.now() - start
      try {
        for (;;) {
          // oxlint-disable-next-line eslint/no-await-in-loop -- the same request again
          const { status, text } = await once(body)
          if (status === 200 && took() < 3000)
            return { milliseconds: took(), allowed: JSON.parse(text).response.allowed }
          if (status !== 503 || took() > 2000) return { milliseconds: took(), allowed: undefined }
          // oxlint-disable-next-line eslint/no-await-in-loop
          await sleep(1000)
        }
      } catch {
        return { milliseconds: took(), allowed: undefined }
      }
    },
    close: () => agent.destroy(),
  }
}

function memoryOf(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

function attack(patchline: LocalPatchline, registry: string): Promise<string> {
  const ports = [patchline.origin, patchline.operations].map(origin => new URL(origin).port)
  const attacker = join(import.meta.dirname, 'attacker.ts')
  // Attackers are on other machines: here they get what of this one is left.
  const args = [
    '-n',
    '10',
    execPath,
    '--max-old-space-size=2048',
    attacker,
    ...ports,
    String(seconds),
    registry,
  ]
  return new Promise((resolve, reject) => {
    execFile('nice', args, { maxBuffer: MiB, timeout: (seconds + 60) * 1000 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr, { cause: error })),
    )
  })
}

t.test(`${seconds} seconds of siege`, { timeout: (seconds + 120) * 1000 }, async t => {
  const registry = await memoryRegistry(t, {
    repositories: { nginx: ['1.25.1', '1.25.5'], redis: ['7.2.1', '7.2.4'] },
  })
  const patchline = await startPatchline(
    `mode: enforce
publicRegistries: false
kubernetes: { namespaceLabels: 'off', policies: 'off', pullSecrets: 'off' }
log: { level: error }
registries: [{ host: '${registry.host}', insecure: true }]
`,
    { program: join(root, 'dist/main.js'), nodeFlags, environment },
  )
  t.teardown(() => patchline.close())
  const server = apiServer(patchline)
  t.teardown(() => server.close())
  const old = reviewOf('old', [`${registry.host}/nginx:1.25.1`, `${registry.host}/redis:7.2.4`])
  const current = reviewOf('current', [`${registry.host}/nginx:1.25.5`])
  while ((await server.ask(old)).allowed !== false) await sleep(200)

  const atRest = memoryOf(patchline.pid, 'VmRSS')
  const over = new AbortController()
  const attacked = attack(patchline, registry.host).finally(() => over.abort())
  const asked: Asked[] = []
  const wrong: string[] = []
  const ask = async (body: string, allowed: boolean): Promise<void> => {
    const outcome = await server.ask(body)
    asked.push(outcome)
    if (outcome.allowed !== allowed)
      wrong.push(`${allowed} was to be, after ${Math.round(outcome.milliseconds)} ms: ${outcome.allowed}`)
  }
  const askOn = async (): Promise<void> => {
    while (!over.signal.aborted) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      await ask(old, false)
      // oxlint-disable-next-line eslint/no-await-in-loop
      await ask(current, true)
      // oxlint-disable-next-line eslint/no-await-in-loop
      await sleep(50)
    }
  }
  const [seen] = await Promise.all([attacked, askOn(), askOn()])
  t.equal(patchline.ending(), undefined, 'the process lives')
  const peak = memoryOf(patchline.pid, 'VmHWM')
  const times = asked.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN
  t.comment(`attacks: ${seen}`)
  t.comment(
    `${asked.length} honest reviews: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(0.99999).toFixed(0)} ms`,
  )
  t.comment(
    `RSS at rest ${(atRest / MiB).toFixed(0)} MiB, peak ${(peak / MiB).toFixed(0)} of ${memoryLimit / MiB} MiB`,
  )
  t.strictSame(wrong, [], 'every honest review was answered, and as before')
  t.ok(asked.length > seconds, 'there were enough of them')
  t.ok(peak < memoryLimit, `${peak} bytes were used of ${memoryLimit}`)
  t.ok(at(0.99) < slowest, `one in a hundred honest reviews takes ${at(0.99)} ms`)
})
