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
import { seeded } from '../../support/random/seeded.ts'

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

t.test('who may sign', t => {
  const sure = (stored: StoredAuthorities, at: number) => signingAuthority(stored, start + at * second)
  t.equal(sure({ kind: 'none' }, 0), undefined)
  t.equal(sure(usable({ next: a }), 0), undefined)
  t.equal(sure(usable({ current: a }), 0), a)
  t.equal(sure(usable({ current: a }), 300), undefined)
  t.equal(sure(usable({ current: a }), -11), undefined)
  t.end()
})

/** A cluster in which time passes: API servers see each bundle late, replicas renew, and now and then the leader is another. */
async function simulate(
  seed: number,
): Promise<{ readonly rotations: number; readonly faults: readonly string[] }> {
  const { below, isChance } = seeded(seed, 0)
  let stored: StoredAuthorities = { kind: 'none' }
  let bundle = isChance(0.5) ? '' : foreign
  // What was written when: a server that watches late sees what stood up to nine seconds ago.
  const written: { at: number; bundle: string }[] = [{ at: start, bundle }]
  let publishedSince: { at: number; bundle: string } | undefined
  const leaves = new Map<number, { issuer: string; from: number; until: number }>()
  const faults: string[] = []
  let rotations = 0
  for (let now = start; now < start + 1_500 * second; now += second) {
    if (isChance(0.01)) publishedSince = undefined // a new leader
    if (isChance(0.005)) {
      bundle = ''
      written.push({ at: now, bundle }) // someone wiped it; reviews of this moment are not counted below
    }
    for (let steps = 0; steps < 6; steps += 1) {
      const wanted: string | undefined =
        stored.kind === 'usable' ? bundleOf(stored.authorities, now) : undefined
      if (wanted === undefined || bundle !== wanted) publishedSince = undefined
      else if (publishedSince?.bundle !== wanted) publishedSince = { at: now, bundle }
      const publishedFor = publishedSince && now - publishedSince.at
      const step = nextStep({ stored, bundles: [bundle], publishedFor, now }, timing)
      if (step.do === 'make') stored = usable({ ...step.beside, [step.as]: await make(now) })
      else if (step.do === 'store') {
        if (step.why === 'promoted') rotations += 1
        stored = { kind: 'usable', authorities: step.authorities }
      } else if (step.do === 'publish') {
        bundle = step.bundle
        written.push({ at: now, bundle })
      } else break
    }
    const signer = signingAuthority(stored, now)
    for (const replica of [1, 2, 3]) {
      const leaf = leaves.get(replica)
      const isDue = leaf === undefined || now >= leaf.from + ((leaf.until - leaf.from) * 2) / 3
      if (isDue && signer !== undefined && isChance(0.5)) {
        const end = Math.min(now + timing.leaf, signer.expiresAt)
        leaves.set(replica, { issuer: signer.certificate, from: now, until: end })
      }
    }
    const lag = below(10) * second
    const seen = written.filter(({ at }) => at <= now - lag).at(-1)?.bundle ?? ''
    // The first seconds of an installation, and a bundle that was wiped, are no rotation.
    const isUndisturbed = !written.some(({ at, bundle }) => bundle === '' && at > now - 20 * second)
    for (const [replica, { issuer, until }] of leaves)
      if (isUndisturbed && (now >= until || !seen.includes(issuer.trim())))
        faults.push(
          `seed ${seed}, ${(now - start) / second} s, replica ${replica}: ${now >= until ? 'expired' : 'not trusted'}`,
        )
  }
  return { rotations, faults }
}

t.test(
  'through every rotation each replica is trusted by each API server, however late it learns',
  async t => {
    let rotations = 0
    for (let seed = 1; seed <= 40; seed += 1) {
      const outcome = await simulate(seed)
      t.strictSame(outcome.faults, [], `seed ${seed}`)
      rotations += outcome.rotations
    }
    t.comment(`${rotations} rotations`)
    t.ok(rotations > 200)
  },
)
