import * as fc from 'fast-check'
import t from 'tap'
import { findingsOf } from '../../src/notification/findings.ts'
import type { Changes } from '../../src/notification/changes.ts'
import { advance, type Memory } from '../../src/notification/memory.ts'
import { decodeState, encodeState, initialState, StateTextError } from '../../src/notification/state-codec.ts'
import { report, type Row } from './reports.ts'

const hour = 3_600_000
const none: Changes = { appeared: [], changed: [], resolved: [], removed: [], failing: [], emergencies: [] }
const patience = { failingAfter: 6 * hour }

interface Step {
  readonly what: string
  readonly rows: readonly Row[]
  readonly complete?: boolean
  readonly at?: number
  readonly told: string
}

// What is told after each report: + appeared, ~ changed, - resolved, x removed, ! failing.
function shown({ appeared, changed, resolved, removed, failing }: Changes): string {
  return [
    ...named('+', appeared),
    ...named('~', changed),
    ...named('-', resolved),
    ...named('x', removed),
    ...named('!', failing),
  ].join(' ')
}

function named(sign: string, list: Changes['appeared']): readonly string[] {
  return list.map(
    ({ workload, newest }) =>
      `${sign}${workload.namespace}/${workload.name}${newest === undefined ? '' : `:${newest}`}`,
  )
}

const old: Row = { overdue: true, age: 26 * hour, detail: 'quay.io answered 401' }

const stories: Readonly<Record<string, readonly Step[]>> = {
  'the same finding is told once': [
    { what: 'outdated', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'as before', rows: [{ newest: '1.25.5' }], told: '' },
    { what: 'a still newer tag', rows: [{ newest: '1.25.6' }], told: '~default/web:1.25.6' },
    { what: 'as before', rows: [{ newest: '1.25.6' }], told: '' },
    { what: 'updated', rows: [{ image: 'nginx:1.25.6' }], told: '-default/web:1.25.6' },
    { what: 'as before', rows: [{ image: 'nginx:1.25.6' }], told: '' },
    { what: 'again', rows: [{ image: 'nginx:1.25.6', newest: '1.25.7' }], told: '+default/web:1.25.7' },
  ],
  'a registry that does not answer resolves nothing': [
    { what: 'outdated', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'down', rows: [{ verdict: 'unknown' }], told: '' },
    { what: 'down for long', rows: [{ verdict: 'unknown' }], at: 9 * hour, told: '!default/web' },
    {
      what: 'not asked yet',
      rows: [{ verdict: 'unknown', reason: 'not-checked-yet' }],
      at: 9 * hour,
      told: '',
    },
    { what: 'back', rows: [{ newest: '1.25.5' }], at: 10 * hour, told: '-default/web' },
    { what: 'updated', rows: [{}], at: 11 * hour, told: '-default/web:1.25.5' },
  ],
  'what is missing from half a report is not gone': [
    {
      what: 'two',
      rows: [{ newest: '1.25.5' }, { name: 'db', newest: '9' }],
      told: '+default/web:1.25.5 +default/db:9',
    },
    { what: 'a list is missing', rows: [{ newest: '1.25.5' }], complete: false, told: '' },
    { what: 'one is deleted', rows: [{ newest: '1.25.5' }], told: 'xdefault/db:9' },
  ],
  'a container that is taken out of its workload is no drift any more': [
    {
      what: 'two containers',
      rows: [{ newest: '1.25.5' }, { container: 'side', image: 'nginx:1.25.4', newest: '1.25.5' }],
      told: '+default/web:1.25.5 +default/web:1.25.5',
    },
    { what: 'one is left', rows: [{ newest: '1.25.5' }], told: '-default/web:1.25.5' },
    { what: 'the workload is deleted', rows: [], told: 'xdefault/web:1.25.5' },
    { what: 'made again', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
  ],
  'what was never told of is removed without a word': [
    { what: 'down', rows: [{ verdict: 'unknown' }], told: '' },
    { what: 'deleted', rows: [], told: '' },
  ],
  'the same name in two namespaces': [
    {
      what: 'both',
      rows: [
        { namespace: 'a', newest: '1.25.5' },
        { namespace: 'b', newest: '1.25.5' },
      ],
      told: '+a/web:1.25.5 +b/web:1.25.5',
    },
    {
      what: 'one updated',
      rows: [{ namespace: 'a' }, { namespace: 'b', newest: '1.25.5' }],
      told: '-a/web:1.25.5',
    },
  ],
  'a look that fails': [
    { what: 'first', rows: [{ verdict: 'unknown' }], told: '' },
    { what: 'still', rows: [{ verdict: 'unknown' }], at: 5 * hour, told: '' },
    { what: 'for too long', rows: [{ verdict: 'unknown' }], at: 7 * hour, told: '!default/web' },
    { what: 'still', rows: [{ verdict: 'unknown' }], at: 60 * hour, told: '' },
    { what: 'seen again', rows: [{}], at: 61 * hour, told: '-default/web' },
  ],
  'a look that fails until somebody acts': [
    { what: 'at once', rows: [{ verdict: 'unknown', reason: 'unauthorized' }], told: '!default/web' },
    { what: 'seen', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5 -default/web' },
  ],
  'a registry that refuses while old lists give verdicts': [
    { what: 'fresh', rows: [{}, { name: 'db', newest: '9' }], told: '+default/db:9' },
    { what: 'old', rows: [old, { ...old, name: 'db', newest: '9' }], at: hour, told: '' },
    {
      what: 'for too long',
      rows: [old, { ...old, name: 'db', newest: '9' }],
      at: 7 * hour,
      told: '!default/web !default/db',
    },
    { what: 'still', rows: [old, { ...old, name: 'db', newest: '9' }], at: 60 * hour, told: '' },
    {
      what: 'a leader without the old lists',
      rows: [
        { verdict: 'unknown', reason: 'unauthorized' },
        { name: 'db', verdict: 'unknown', reason: 'unauthorized' },
      ],
      at: 61 * hour,
      told: '',
    },
    {
      what: 'not asked yet',
      rows: [
        { verdict: 'unknown', reason: 'not-checked-yet' },
        { name: 'db', newest: '9' },
      ],
      at: 62 * hour,
      told: '-default/db',
    },
    { what: 'fresh again', rows: [{}, { name: 'db', newest: '9' }], at: 63 * hour, told: '-default/web' },
  ],
  'an old list for a short time is never told of': [
    { what: 'old', rows: [old], told: '' },
    { what: 'fresh', rows: [{}], at: hour, told: '' },
    { what: 'old', rows: [old], at: 7 * hour, told: '' },
  ],
  'what is gone was told of once, though its registry refused too': [
    { what: 'old', rows: [{ ...old, newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'for too long', rows: [{ ...old, newest: '1.25.5' }], at: 7 * hour, told: '!default/web' },
    { what: 'deleted', rows: [], at: 8 * hour, told: 'xdefault/web:1.25.5' },
  ],
  'a newer tag that does not exist resolves nothing': [
    { what: 'outdated', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'mistyped', rows: [{ image: 'nginx:1.25.1111', reason: 'not-listed' }], told: '' },
    { what: 'corrected', rows: [{ image: 'nginx:1.25.5' }], told: '-default/web:1.25.5' },
  ],
  'a lookup that succeeds is resolved, though the tag does not exist': [
    { what: 'refused', rows: [{ verdict: 'unknown', reason: 'unauthorized' }], told: '!default/web' },
    { what: 'mistyped', rows: [{ image: 'nginx:1.25.1111', reason: 'not-listed' }], told: '-default/web' },
  ],
  'a short failure is never told of': [
    { what: 'down', rows: [{ verdict: 'unknown' }], told: '' },
    { what: 'back', rows: [{}], told: '' },
  ],
  'snoozed until a day': [
    {
      what: 'snoozed',
      rows: [{ newest: '1.25.5', annotations: { 'patchline.dev/snooze-until': '1970-01-02T00:00:00Z' } }],
      told: '',
    },
    {
      what: 'over',
      rows: [{ newest: '1.25.5', annotations: { 'patchline.dev/snooze-until': '1970-01-02T00:00:00Z' } }],
      at: 25 * hour,
      told: '+default/web:1.25.5',
    },
  ],
  'a tag that somebody skips': [
    {
      what: 'skipped',
      rows: [{ newest: '1.25.5', annotations: { 'patchline.dev/skip': '1.25.4, 1.25.5' } }],
      told: '',
    },
    {
      what: 'the next one',
      rows: [{ newest: '1.25.6', annotations: { 'patchline.dev/skip': '1.25.4, 1.25.5' } }],
      told: '+default/web:1.25.6',
    },
  ],
  'a rollout runs two images for a while': [
    { what: 'outdated', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'rolling', rows: [{ image: 'nginx:1.25.5' }, { newest: '1.25.5' }], told: '' },
    { what: 'done', rows: [{ image: 'nginx:1.25.5' }], told: '-default/web:1.25.5' },
  ],
  'exempt from now on': [
    { what: 'outdated', rows: [{ newest: '1.25.5' }], told: '+default/web:1.25.5' },
    { what: 'mode off', rows: [{ newest: '1.25.5', exempt: true }], told: '-default/web:1.25.5' },
  ],
  'a tag that moved on': [
    {
      what: 'moved',
      rows: [{ image: 'nginx:latest', verdict: 'outdated', moved: true }],
      told: '+default/web',
    },
    { what: 'still', rows: [{ image: 'nginx:latest', verdict: 'outdated', moved: true }], told: '' },
    { what: 'pulled anew', rows: [{ image: 'nginx:latest', verdict: 'floating' }], told: '-default/web' },
  ],
}

for (const [story, steps] of Object.entries(stories))
  t.test(story, async t => {
    let memory: Memory = new Map()
    let now = 0
    for (const { what, rows, complete = true, at, told } of steps) {
      now = at ?? now + 1
      const next = advance(memory, findingsOf(report(rows, complete), now), { now, patience })
      t.equal(shown(next.changes), told, what)
      memory = decodeState(
        encodeState({ memory: next.memory, deliveries: new Map(), unwritten: none }),
      ).memory
    }
  })

t.test('a finding about lookups says how old the tags are, and why', async t => {
  t.match(findingsOf(report([{ ...old, newest: '1.25.5' }]), 0).findings, [
    { kind: 'outdated', newest: '1.25.5', reason: 'newer' },
    {
      kind: 'failing',
      newest: undefined,
      newestImage: undefined,
      behind: 0,
      reason: 'overdue',
      detail: 'its tags are 26h old: quay.io answered 401',
    },
  ])
})

t.test('a state of before: what failed was told of under the key of its image', async t => {
  const before = advance(new Map(), findingsOf(report([{ verdict: 'unknown', reason: 'unauthorized' }]), 0), {
    now: 0,
    patience,
  })
  const text = encodeState({ memory: before.memory, deliveries: new Map(), unwritten: none })
  const earlier = text.replace(String.raw`,\"lookup\"]`, ']')
  t.not(earlier, text)
  t.same(decodeState(earlier), decodeState(text))
})

t.test('a snooze that cannot be read snoozes nothing', async t => {
  const annotations = { 'patchline.dev/snooze-until': 'tomorrow' }
  t.equal(findingsOf(report([{ newest: '1.25.5', annotations }]), 0).silenced.size, 0)
})

// The plainest model: for each container the tag that was told of last.
const situations = fc.constantFrom<Row>(
  {},
  { newest: '1.25.5' },
  { newest: '1.25.6' },
  { verdict: 'unknown' },
  { exempt: true, newest: '1.25.5' },
)
const reports = fc.array(
  fc.record({
    a: fc.option(situations),
    b: fc.option(situations),
    complete: fc.boolean(),
    restart: fc.boolean(),
  }),
  { maxLength: 12 },
)

t.test('nothing is told twice, nothing is forgotten, and a restart changes nothing', async () => {
  fc.assert(
    fc.property(reports, history => {
      let memory: Memory = new Map()
      const told = new Map<string, string>()
      for (const [now, { a, b, complete, restart }] of history.entries()) {
        const rows = [
          ...(a === null ? [] : [{ ...a, name: 'a' }]),
          ...(b === null ? [] : [{ ...b, name: 'b' }]),
        ]
        const { changes, memory: next } = advance(memory, findingsOf(report(rows, complete), now), {
          now,
          patience,
        })
        for (const [name, row] of [
          ['a', a],
          ['b', b],
        ] as const) {
          const actual = shown({
            appeared: of(changes.appeared, name),
            changed: of(changes.changed, name),
            resolved: of(changes.resolved, name),
            removed: of(changes.removed, name),
            failing: [],
            emergencies: [],
          })
          const expected = expectedOf(told.get(name), row, complete).replace('NAME', `default/${name}`)
          if (actual !== expected)
            throw new Error(`${name} at ${now}: told "${actual}", expected "${expected}"`)
          remember(told, name, { row, complete })
        }
        memory = restart
          ? decodeState(encodeState({ memory: next, deliveries: new Map(), unwritten: none })).memory
          : next
      }
    }),
    { numRuns: 2_000 },
  )
})

function of(list: Changes['appeared'], wanted: string): Changes['appeared'] {
  return list.filter(({ workload: { name } }) => name === wanted)
}

function expectedOf(told: string | undefined, row: Row | null, complete: boolean): string {
  if (row === null) return complete && told !== undefined ? `xNAME:${told}` : ''
  if (row.verdict === 'unknown') return ''
  if (row.exempt === true || row.newest === undefined) return told === undefined ? '' : `-NAME:${told}`
  if (told === row.newest) return ''
  return told === undefined ? `+NAME:${row.newest}` : `~NAME:${row.newest}`
}

function remember(
  told: Map<string, string>,
  name: string,
  { row, complete }: { row: Row | null; complete: boolean },
): void {
  if (row === null) return void (complete && told.delete(name))
  if (row.verdict === 'unknown') return
  if (row.exempt === true || row.newest === undefined) told.delete(name)
  else told.set(name, row.newest)
}

t.test('a state that is none of ours is refused', async t => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"format":2}',
    '{"format":1,"memory":[],"lanes":[]}',
    '{"format":1,"findings":[{}],"memory":[],"lanes":[]}',
    '{"format":1,"findings":[],"memory":{}}',
    '{"format":1,"findings":[],"memory":[{}],"lanes":[]}',
    '{"format":1,"findings":[],"memory":[{"finding":0,"firstSeen":1}],"lanes":[]}',
    '{"format":1,"findings":[],"memory":[],"lanes":[["x",{}]]}',
    '{"format":1,"findings":[],"memory":[],"lanes":[],"events":{"appeared":["x"]}}',
  ])
    t.throws(() => decodeState(text), StateTextError, text)
  t.same(decodeState(encodeState(initialState)), initialState)
})

t.test('what is resolved says what the container has now', async t => {
  const before = advance(new Map(), findingsOf(report([{ newest: '1.25.5' }]), 0), { now: 0, patience })
  const after = findingsOf(report([{ image: 'nginx:1.25.5' }]), 1)
  const { changes } = advance(before.memory, after, { now: 1, patience })
  t.match(changes.resolved, [{ image: 'nginx:1.25.1', now: 'nginx:1.25.5' }])
})

t.test('a state of before: nothing was removed, and what is counted are versions', async t => {
  const { memory } = advance(new Map(), findingsOf(report([{ newest: '1.25.5' }]), 0), { now: 0, patience })
  const delivery = { pending: { ...none, appeared: [...memory.values()].map(({ finding }) => finding) } }
  const deliveries = new Map([
    ['x', { ...delivery, first: true, attempts: 0, retryAt: 0, deliveredAt: undefined }],
  ])
  const text = encodeState({ memory, deliveries, unwritten: none })
    .replace('"distance":"4 versions",', '')
    .replaceAll('"removed":[],', '')
  t.notMatch(text, /distance|removed/)
  t.same(decodeState(text), decodeState(encodeState({ memory, deliveries, unwritten: none })))
})
