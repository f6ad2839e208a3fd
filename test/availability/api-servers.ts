import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { execute } from '../support/program/execute.ts'
import { reviewOf } from '../siege/reviews.ts'

/** Whether figures are to be had in a few minutes: AVAILABILITY=short. */
export const isShort = process.env['AVAILABILITY'] === 'short'

/** How many milliseconds a review may take; more than the manifest gives it where the machine is used by others too. */
export const timeoutMs = Number(process.env['AVAILABILITY_TIMEOUT'] ?? 3) * 1000

/** The name that the certificates of the webhook must have. */
export const serviceName = 'patchline.patchline-system.svc'

/** What happened to the reviews that API servers sent. */
export interface Figures {
  readonly posts: number
  readonly failed: number
  /** By kind: EOF, reset, refused, untrusted, timeout, status 500, no review, other. */
  readonly failures: Readonly<Record<string, number>>
  /** Of each kind the first. */
  readonly examples: Readonly<Record<string, string>> | null
  /** Responses with warnings. */
  readonly warned: number
  /** After a Retry-After. */
  readonly retries: number
  readonly connections: number
  readonly seconds: number
  readonly milliseconds: { readonly p50: number; readonly p99: number; readonly longest: number }
}

/** The API servers of a cluster, and what they are told of the webhook: each learns it late. */
export interface ApiServers {
  /** Has a bundle (PEM) in the webhook configuration. */
  publish(bundle: string): void
  /** Has endpoints in the service: `127.0.0.1:8443`. */
  route(endpoints: readonly string[]): void
  /** Begins to send reviews. */
  start(): void
  /** Sends no more of them. */
  end(): Promise<Figures>
}

/** How they ask; each is an option of the program of the same name. */
interface Asking {
  /** Of the images of the review. */
  readonly images: readonly string[]
  readonly arguments: readonly string[]
}

/** Builds the program in api-server/ and starts it. */
export async function startApiServers(t: Test, { images, arguments: args }: Asking): Promise<ApiServers> {
  const folder = mkdtempSync(join(tmpdir(), 'patchline-api-server-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'api-server')
  const review = join(folder, 'review.json')
  writeFileSync(review, reviewOf('UID', images, 'shop'))
  await build(program)
  const all = [`-review=${review}`, `-service=${serviceName}`, `-timeout=${timeoutMs}ms`, ...args]
  const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  const printed = text(child.stdout)
  const say = (change: object): void => void child.stdin.write(`${JSON.stringify(change)}\n`)
  return {
    publish: bundle => say({ bundle }),
    route: endpoints => say({ endpoints }),
    start: () => say({ start: true }),
    async end() {
      child.stdin.end()
      await ended
      return JSON.parse(await printed)
    },
  }
}

async function build(program: string): Promise<void> {
  const source = join(import.meta.dirname, 'api-server')
  const environment = { CGO_ENABLED: '0', GOWORK: 'off' }
  const { code, stderr } = await execute('go', ['-C', source, 'build', '-o', program, '.'], { environment })
  if (code !== 0) throw new Error(`the API server of the test cannot be built; it needs Go 1.26: ${stderr}`)
}

/** Prints the figures. */
export function printFigures(t: Test, what: string, figures: Figures): void {
  const { posts, failed, failures, examples, warned, retries, connections, seconds, milliseconds } = figures
  const { p50, p99, longest } = milliseconds
  t.comment(`${what}: ${posts} reviews over ${connections} connections, ${failed} failed`)
  t.comment(`${(posts / seconds).toFixed(0)} a second for ${seconds.toFixed(0)} s`)
  t.comment(`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(0)} ms`)
  t.comment(`${warned} with a warning, ${retries} sent again after a Retry-After`)
  if (failed > 0) t.comment(`failures: ${JSON.stringify(failures)}; ${JSON.stringify(examples)}`)
}
