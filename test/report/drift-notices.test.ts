import { array, assert, property, record, string } from 'fast-check'
import t from 'tap'
import { noticesOf } from '../../src/report/drift-notices.ts'
import type { Changes, Finding } from '../../src/notification/index.ts'
import { nginxFinding, noChanges } from '../support/notification/finding.ts'

function finding({ name = 'web', ...change }: Partial<Finding> & { readonly name?: string } = {}): Finding {
  const plain = nginxFinding(change)
  return { ...plain, workload: { ...plain.workload, name } }
}

t.test('one for each workload and reason', t => {
  const changes: Changes = {
    appeared: [finding(), finding({ container: 'side', behind: 1, distance: '1 version', newest: '2' })],
    changed: [finding({ name: 'db' })],
    resolved: [finding({ name: 'old' })],
    removed: [finding({ name: 'gone' })],
    failing: [finding({ kind: 'failing', reason: 'unavailable' })],
    emergencies: [finding({ kind: 'emergency' })],
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
  t.strictSame(noticesOf(noChanges), [])
  t.end()
})

t.test('of lookups that fail while an old list gives a verdict, and that succeed again', t => {
  const failing = [finding({ kind: 'failing', reason: 'overdue', newest: undefined })]
  t.equal(
    noticesOf({ ...noChanges, failing })[0]?.note,
    'web: nginx:1.25.1 is judged by an old list of tags, for no newer one can be had',
  )
  t.equal(noticesOf({ ...noChanges, resolved: failing })[0]?.note, 'web: nginx:1.25.1 can be checked again')
  t.end()
})

t.test('a moved tag has no version to name', t => {
  const moved = finding({ kind: 'moved', newest: undefined, image: 'nginx:latest' })
  t.equal(
    noticesOf({ ...noChanges, appeared: [moved] })[0]?.note,
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
      const [notice] = noticesOf({ ...noChanges, appeared })
      return Buffer.byteLength(notice?.note ?? '') <= 1024 && !/[\p{Cc}\p{Cf}]/u.test(notice?.note ?? '')
    }),
  )
  const appeared = Array.from({ length: 100 }, (_, index) => finding({ container: `container-${index}` }))
  t.match(noticesOf({ ...noChanges, appeared })[0]?.note, /; and 8\d more$/)
  const longest = finding({
    container: '\u20AC'.repeat(100),
    image: '\u20AC'.repeat(400),
    newest: '\u20AC'.repeat(400),
  })
  t.match(noticesOf({ ...noChanges, appeared: [longest] })[0]?.note, / versions behind \u20AC+…$/)
  t.end()
})
