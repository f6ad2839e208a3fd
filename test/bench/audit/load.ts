// Reviews at a fixed rate over TLS, whether they are answered or not, from a process of its own.
import { connect, type TLSSocket } from 'node:tls'
import { readAnswer, requestBytes, type Answer } from '../admission/wire.ts'

/** Where the reviews go and what they are. */
export interface LoadJob {
  readonly port: number
  /** PEM of the authority. */
  readonly ca: string
  readonly bodies: readonly string[]
  readonly perSecond: number
}

/** What a stretch of load saw; times in milliseconds from the moment a review was due. */
export interface LoadSeen {
  readonly requests: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly longest: number
  /** How many were answered within 5 ms. */
  readonly within: number
  /** How late the generator itself was: it adds to the times above. */
  readonly late: { readonly p99: number; readonly p999: number; readonly longest: number }
  /** Answers that were no 200, and those that said that something is not known yet. */
  readonly failed: number
  readonly ignorant: number
  readonly warned: number
}

const connections = 64 // ten times what 300 a second of a millisecond each need: nobody waits for a free one
const bound = 5

interface Review {
  readonly due: number
  readonly bytes: Buffer
}

interface Stretch {
  readonly latencies: number[]
  readonly late: number[]
  /** By what was wrong with an answer, or special about it. */
  readonly answers: Map<'failed' | 'ignorant' | 'warned', number>
}

const emptyStretch = (): Stretch => ({ latencies: [], late: [], answers: new Map() })

/** Writes reviews when they are due to connections that are free, and to those that become so. */
function createSender(sockets: readonly TLSSocket[], seen: () => Stretch) {
  const free = [...sockets]
  const waiting: Review[] = []
  const underWay = new Map<TLSSocket, Review>()
  const write = (socket: TLSSocket, review: Review): void => {
    underWay.set(socket, review)
    socket.write(review.bytes)
  }
  for (const socket of sockets) {
    let pending: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const answer = readAnswer(pending)
      const review = underWay.get(socket)
      if (answer === undefined || review === undefined) return
      pending = Buffer.alloc(0)
      note(seen(), review, answer)
      const next = waiting.shift()
      if (next === undefined) free.push(socket)
      else write(socket, next)
    })
  }
  return (review: Review): void => {
    const socket = free.shift()
    if (socket === undefined) waiting.push(review)
    else write(socket, review)
  }
}

function note({ latencies, answers }: Stretch, { due }: Review, { status, body }: Answer): void {
  latencies.push(performance.now() - due)
  const count = (what: keyof Pick<LoadSeen, 'failed' | 'ignorant' | 'warned'>): void =>
    void answers.set(what, (answers.get(what) ?? 0) + 1)
  if (status !== 200) count('failed')
  if (body.includes('not checked')) count('ignorant')
  if (body.includes('"warnings"')) count('warned')
}

/** Sends on its own clock: what is late is sent at once, and counts from when it was due. */
function createClock(
  { perSecond, bodies, port }: LoadJob,
  send: (review: Review) => void,
  seen: () => Stretch,
) {
  const requests = bodies.map(body => requestBytes(port, body))
  const interval = 1000 / perSecond
  let sent = 0
  let start = 0
  const beat = (): void => {
    const now = performance.now()
    for (; start + sent * interval <= now; sent++) {
      const bytes = requests[sent % requests.length]
      if (bytes === undefined) return
      const due = start + sent * interval
      seen().late.push(now - due)
      send({ due, bytes })
    }
    // A timer comes up to a millisecond late: the last of it is spent turning.
    const left = start + sent * interval - performance.now()
    if (left > spin) setTimeout(beat, left - spin)
    else setImmediate(beat)
  }
  return {
    start(): void {
      start = performance.now()
      sent = 0
      beat()
    },
  }
}

const spin = 1

function summary({ latencies, late, answers }: Stretch): LoadSeen {
  const sorted = Float64Array.from(latencies).toSorted()
  const lateSorted = Float64Array.from(late).toSorted()
  return {
    requests: sorted.length,
    p50: at(sorted, 0.5),
    p99: at(sorted, 0.99),
    p999: at(sorted, 0.999),
    longest: sorted.at(-1) ?? Number.NaN,
    within: latencies.filter(latency => latency <= bound).length,
    late: {
      p99: at(lateSorted, 0.99),
      p999: at(lateSorted, 0.999),
      longest: lateSorted.at(-1) ?? Number.NaN,
    },
    failed: answers.get('failed') ?? 0,
    ignorant: answers.get('ignorant') ?? 0,
    warned: answers.get('warned') ?? 0,
  }
}

function at(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN
}

function connected({ port, ca }: LoadJob): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] }
    const socket = connect(options, () => resolve(socket))
    socket.setNoDelay(true)
    socket.on('error', reject)
  })
}

async function main(job: LoadJob): Promise<void> {
  let stretch = emptyStretch()
  const seen = (): Stretch => stretch
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(job)))
  createClock(job, createSender(sockets, seen), seen).start()
  // Each message ends a stretch and begins the next.
  process.on('message', () => {
    process.send?.(summary(stretch))
    stretch = emptyStretch()
  })
  process.on('disconnect', () => process.exit())
  process.send?.('loading')
}

if (process.argv[1] === import.meta.filename) process.once('message', (job: LoadJob) => void main(job))
