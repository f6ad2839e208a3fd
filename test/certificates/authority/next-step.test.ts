import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { createAuthority, type Authority } from '../../../src/certificates/authority/authority.ts'
import {
  bundleOf,
  nextStep,
  signingAuthority,
  type AuthorityStep,
} from '../../../src/certificates/authority/next-step.ts'
import type {
  Authorities,
  StoredAuthorities,
} from '../../../src/certificates/authority/stored-authorities.ts'
import { CertificateError } from '../../../src/certificates/index.ts'
import { createSerial } from '../../../src/certificates/x509/create-certificates.ts'
import { issueCertificate } from '../../../src/certificates/x509/issue-certificate.ts'
import { seeded, type Random } from '../../support/random/seeded.ts'

const second = 1_000
const start = Date.UTC(2026, 10, 29)
const timing = {
  authority: 300 * second,
  leaf: 60 * second,
  backdating: 10 * second,
  propagation: 10 * second,
  look: second,
  pathTakeover: 0,
}
const make = (at: number): Promise<Authority> => createAuthority(at, timing)
const [a, b, c] = [await make(start), await make(start), await make(start)]
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuer = { ...keys, name: 'corporate-ca' }
const validity = { notBefore: start - 60 * second, notAfter: start + 10_000 * second }
const foreign = await issueCertificate(
  { subject: issuer.name, publicKey: keys.publicKey, serial: createSerial(), hosts: undefined, ...validity },
  issuer,
)
const none: Authorities = { current: undefined, next: undefined, previous: [] }
const usable = (changes: Partial<Authorities>): StoredAuthorities => ({
  kind: 'usable',
  authorities: { ...none, ...changes },
})
const until = start + 500 * second
const endOfLeaves = (now: number): number => now + 70 * second

interface Row {
  readonly what: string
  readonly stored: StoredAuthorities
  readonly bundles?: readonly string[]
  readonly published?: number
  /** Seconds after the start. */
  readonly at?: number
  readonly step: AuthorityStep
}

const rows: readonly Row[] = [
  {
    what: 'nothing is there: an authority that signs at once',
    stored: { kind: 'none' },
    bundles: ['', ''],
    step: { do: 'make', as: 'current', beside: none },
  },
  {
    what: 'no configuration is there',
    stored: { kind: 'none' },
    step: { do: 'make', as: 'current', beside: none },
  },
  {
    what: 'another bundle is in use: the first authority waits until it is known',
    stored: { kind: 'none' },
    bundles: [foreign, `${foreign}\n${foreign}`, 'junk'],
    step: {
      do: 'make',
      as: 'next',
      beside: { ...none, previous: [{ certificate: foreign, until: endOfLeaves(start) }] },
    },
  },
  {
    what: 'a broken Secret is a person’s to mend',
    stored: { kind: 'broken', problem: new CertificateError('invalid-authority', 'why') },
    bundles: [''],
    step: { do: 'report', why: 'why' },
  },
  {
    what: 'it is published',
    stored: usable({ current: a }),
    bundles: ['', a.certificate],
    step: { do: 'publish', bundle: a.certificate },
  },
  {
    what: 'what others wrote goes',
    stored: usable({ current: a }),
    bundles: [a.certificate + foreign],
    step: { do: 'publish', bundle: a.certificate },
  },
  {
    what: 'all is well',
    stored: usable({ current: a }),
    bundles: [a.certificate],
    published: 0,
    step: { do: 'none' },
  },
  { what: 'all is well without a configuration', stored: usable({ current: a }), step: { do: 'none' } },
  {
    what: 'just before two thirds',
    stored: usable({ current: a }),
    bundles: [a.certificate],
    at: 196,
    step: { do: 'none' },
  },
  {
    what: 'at two thirds the next one is made',
    stored: usable({ current: a }),
    bundles: [a.certificate],
    at: 197,
    step: { do: 'make', as: 'next', beside: { ...none, current: a } },
  },
  {
    what: 'both are published',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate],
    at: 200,
    step: { do: 'publish', bundle: a.certificate + b.certificate },
  },
  {
    what: 'in every configuration',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate + b.certificate, a.certificate],
    at: 200,
    step: { do: 'publish', bundle: a.certificate + b.certificate },
  },
  {
    what: 'API servers get time',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate + b.certificate],
    published: 4 * second,
    at: 200,
    step: { do: 'wait', milliseconds: 6 * second },
  },
  {
    what: 'a new leader counts from its own first look',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate + b.certificate],
    at: 200,
    step: { do: 'wait', milliseconds: 10 * second },
  },
  {
    what: 'then the next one signs, and the other is trusted on',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate + b.certificate],
    published: 10 * second,
    at: 200,
    step: {
      do: 'store',
      why: 'promoted',
      authorities: {
        current: b,
        next: undefined,
        previous: [{ certificate: a.certificate, until: start + 270 * second }],
      },
    },
  },
  {
    what: 'the first one after another bundle',
    stored: usable({ next: b, previous: [{ certificate: foreign, until }] }),
    bundles: [b.certificate + foreign],
    published: 10 * second,
    step: {
      do: 'store',
      why: 'promoted',
      authorities: { current: b, next: undefined, previous: [{ certificate: foreign, until }] },
    },
  },
  {
    what: 'the old one leaves the bundle after its last leaf',
    stored: usable({ current: b, previous: [{ certificate: a.certificate, until: start + 100 * second }] }),
    bundles: [b.certificate + a.certificate],
    at: 100,
    step: { do: 'publish', bundle: b.certificate },
  },
  {
    what: 'not before',
    stored: usable({ current: b, previous: [{ certificate: a.certificate, until: start + 100 * second }] }),
    bundles: [b.certificate + a.certificate],
    at: 99,
    step: { do: 'none' },
  },
  {
    what: 'and then the Secret',
    stored: usable({ current: b, previous: [{ certificate: a.certificate, until: start + 100 * second }] }),
    bundles: [b.certificate],
    at: 100,
    step: { do: 'store', why: 'retired', authorities: { ...none, current: b } },
  },
  {
    what: 'one of ours that the Secret does not know is trusted on',
    stored: usable({ current: a }),
    bundles: [a.certificate + c.certificate],
    at: 10,
    step: {
      do: 'store',
      why: 'adopted',
      authorities: {
        ...none,
        current: a,
        previous: [{ certificate: c.certificate, until: endOfLeaves(start + 10 * second) }],
      },
    },
  },
  {
    what: 'what has expired is replaced where nothing else is trusted',
    stored: usable({ current: a }),
    bundles: [a.certificate],
    at: 301,
    step: { do: 'make', as: 'current', beside: none },
  },
  {
    what: 'and in order where something is',
    stored: usable({ current: a, previous: [{ certificate: b.certificate, until }] }),
    bundles: [a.certificate],
    at: 301,
    step: {
      do: 'make',
      as: 'next',
      beside: { ...none, current: a, previous: [{ certificate: b.certificate, until }] },
    },
  },
  {
    what: 'a next one that expired is made anew',
    stored: usable({ current: a, next: b }),
    bundles: [a.certificate],
    at: 301,
    step: { do: 'make', as: 'current', beside: none },
  },
  {
    what: 'a clock that was set back',
    stored: usable({ current: a }),
    bundles: [a.certificate],
    at: -86_400,
    step: {
      do: 'report',
      why: `${a.name} is not valid before 2026-11-28T23:59:50.000Z, by the clock of this machine`,
    },
  },
]

t.test('the next step', t => {
  for (const { what, stored, bundles = [], published, at = 0, step } of rows)
    t.strictSame(
      nextStep({ stored, bundles, publishedFor: published, now: start + at * second }, timing),
      step,
      what,
    )
  t.end()
})

const signerAt = (stored: StoredAuthorities, at: number): Authority | undefined =>
  signingAuthority(stored, start + at * second)

t.test('who may sign', t => {
  t.equal(signerAt({ kind: 'none' }, 0), undefined)
  t.equal(signerAt(usable({ next: a }), 0), undefined)
  t.equal(signerAt(usable({ current: a }), 0), a)
  t.equal(signerAt(usable({ current: a }), 300), undefined)
  t.equal(signerAt(usable({ current: a }), -11), undefined)
  t.end()
})

interface SimulatedLeaf {
  readonly issuer: string
  readonly from: number
  readonly until: number
}

interface Written {
  readonly at: number
  readonly bundle: string
}

/** A cluster in which time passes: API servers see each bundle late, replicas renew, and now and then the leader is another. */
class Simulation {
  readonly #random: Random
  #stored: StoredAuthorities = { kind: 'none' }
  /** What was written when: a server that watches late sees what stood up to nine seconds ago. */
  readonly #written: Written[]
  #published: Written | undefined
  readonly #leaves = new Map<number, SimulatedLeaf>()
  rotations = 0
  readonly faults: string[] = []

  constructor(random: Random) {
    this.#random = random
    this.#written = [{ at: start, bundle: random.isChance(0.5) ? '' : foreign }]
  }

  async run(): Promise<void> {
    for (let now = start; now < start + 1_500 * second; now += second) {
      if (this.#random.isChance(0.01)) this.#published = undefined // a new leader
      if (this.#random.isChance(0.005)) this.#written.push({ at: now, bundle: '' }) // wiped
      await this.#lead(now)
      this.#renew(now)
      this.#call(now)
    }
  }

  get #bundle(): string {
    return this.#written.at(-1)?.bundle ?? ''
  }

  async #lead(now: number): Promise<void> {
    for (let steps = 0; steps < 6; steps += 1) if (!(await this.#step(now))) return
  }

  async #step(now: number): Promise<boolean> {
    const stored = this.#stored
    const publishedFor = this.#publishedFor(now)
    const step = nextStep({ stored, bundles: [this.#bundle], publishedFor, now }, timing)
    if (step.do === 'make') this.#stored = usable({ ...step.beside, [step.as]: await make(now) })
    if (step.do === 'store') this.#stored = { kind: 'usable', authorities: step.authorities }
    if (step.do === 'store' && step.why === 'promoted') this.rotations += 1
    if (step.do === 'publish') this.#written.push({ at: now, bundle: step.bundle })
    return ['make', 'store', 'publish'].includes(step.do)
  }

  #publishedFor(now: number): number | undefined {
    const stored = this.#stored
    const wanted = stored.kind === 'usable' ? bundleOf(stored.authorities, now) : undefined
    if (wanted !== this.#bundle) this.#published = undefined
    else if (this.#published?.bundle !== wanted) this.#published = { at: now, bundle: wanted }
    return this.#published && now - this.#published.at
  }

  #renew(now: number): void {
    const signer = signingAuthority(this.#stored, now)
    for (const replica of [1, 2, 3]) {
      const leaf = this.#leaves.get(replica)
      const isDue = leaf === undefined || now >= leaf.from + ((leaf.until - leaf.from) * 2) / 3
      if (!isDue || signer === undefined || this.#random.isChance(0.5)) continue
      const until = Math.min(now + timing.leaf, signer.expiresAt)
      this.#leaves.set(replica, { issuer: signer.certificate, from: now, until })
    }
  }

  /** An API server that is up to nine seconds late calls each replica. */
  #call(now: number): void {
    const seenAt = now - this.#random.below(10) * second
    const seen = this.#written.filter(({ at }) => at <= seenAt).at(-1)?.bundle ?? ''
    // The first seconds of an installation, and a bundle that was wiped, are no rotation.
    if (this.#written.some(({ at, bundle }) => bundle === '' && at > now - 20 * second)) return
    for (const [replica, { issuer, until }] of this.#leaves) {
      if (now >= until) this.faults.push(`${(now - start) / second} s: ${replica} expired`)
      if (!seen.includes(issuer.trim()))
        this.faults.push(`${(now - start) / second} s: ${replica} not trusted`)
    }
  }
}

t.test(
  'through every rotation each replica is trusted by each API server, however late it learns',
  async t => {
    let rotations = 0
    for (let seed = 1; seed <= 40; seed += 1) {
      const simulation = new Simulation(seeded(seed, 0))
      await simulation.run()
      t.strictSame(simulation.faults, [], `seed ${seed}`)
      rotations += simulation.rotations
    }
    t.comment(`${rotations} rotations`)
    t.ok(rotations > 200)
  },
)
