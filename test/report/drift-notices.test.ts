import { array, assert, property, record, string } from 'fast-check'
import t from 'tap'
import { noticesOf } from '../../src/report/drift-notices.ts'
import type { Changes, Finding } from '../../src/notification/index.ts'

const none: Changes = { appeared: [], changed: [], resolved: [], removed: [], failing: [] }

function finding({ name = 'web', ...change }: Partial<Finding> & { readonly name?: string } = {}): Finding {
  return {
    key: 'x',
    kind: 'outdated',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name, uid: '1' },
    container: 'web',
    field: 'container',
    image: 'nginx:1.25.1',
    newest: '1.25.5',
    newestImage: 'nginx:1.25.5',
    newestOverall: undefined,
    behind: 4,
    distance: '4 versions',
    since: undefined,
    detail: undefined,
    reason: 'newer',
    manager: undefined,
    ...change,
  }
}

t.test('one for each workload and reason', t => {
  const changes: Changes = {
    appeared: [finding(), finding({ container: 'side', behind: 1, distance: '1 version', newest: '2' })],
    changed: [finding({ name: 'db' })],
    resolved: [finding({ name: 'old' })],
    removed: [finding({ name: 'gone' })],
    failing: [finding({ kind: 'failing', reason: 'unavailable' })],
  }
  t.strictSame(
    noticesOf(changes).map(({ reason, type, workload, note }) => [reason, type, workload.name, note]),
    [
      ['NewerPatchAvailable', 'Normal', 'db', 'web: nginx:1.25.1 is 4 versions behind 1.25.5'],
      [
        'NewerPatchAvailable',
        'Normal',
        'web',
        'side: nginx:1.25.1 is 1 version behind 2; web: nginx:1.25.1 is 4 versions behind 1.25.5',
      ],
      ['RegistryLookupFailed', 'Warning', 'web', 'web: nginx:1.25.1 could not be checked (unavailable)'],
      ['PatchResolved', 'Normal', 'old', 'web: nginx:1.25.1 is resolved'],
    ],
  )
  t.strictSame(noticesOf(none), [])
  t.end()
})

t.test('a moved tag has no version to name', t => {
  const moved = finding({ kind: 'moved', newest: undefined, image: 'nginx:latest' })
  t.equal(
    noticesOf({ ...none, appeared: [moved] })[0]?.note,
    'web: nginx:latest stands for another digest than what runs',
  )
  t.end()
})

t.test('a note fits into 1024 bytes, whatever is in it, and says how much is left out', t => {
  const texts = record({
    container: string({ unit: 'binary', maxLength: 500 }),
    image: string({ unit: 'binary', maxLength: 2_000 }),
    newest: string({ unit: 'binary', maxLength: 500 }),
  })
  assert(
    property(array(texts, { minLength: 1, maxLength: 30 }), all => {
      const appeared = all.map(finding)
      const [notice] = noticesOf({ ...none, appeared })
      return Buffer.byteLength(notice?.note ?? '') <= 1024 && !/[\p{Cc}\p{Cf}]/u.test(notice?.note ?? '')
    }),
  )
  const appeared = Array.from({ length: 100 }, (_, index) => finding({ container: `container-${index}` }))
  t.match(noticesOf({ ...none, appeared })[0]?.note, /; and 8\d more$/)
  const longest = finding({
    container: '\u20AC'.repeat(100),
    image: '\u20AC'.repeat(400),
    newest: '\u20AC'.repeat(400),
  })
  t.match(noticesOf({ ...none, appeared: [longest] })[0]?.note, / versions behind \u20AC+…$/)
  t.end()
})
