import t from 'tap'
import { documentOf } from '../../src/channels/digest-document.ts'
import { messageOf } from '../../src/channels/message.ts'
import { digest, findings } from './digests.ts'

const removed = findings([
  { namespace: 'load', name: 'a', newest: '2' },
  { namespace: 'load', name: 'a', container: 'side', newest: '2' },
  { namespace: 'load', name: 'b', newest: '2' },
  { namespace: 'shop', name: 'web', newest: '2' },
])
const gone = digest({ removed, goneNamespaces: ['load'] })

t.test('what is gone is removed, and a namespace is said once', t => {
  t.strictSame(messageOf(gone, { commands: 'set-image', mostWorkloads: 30 }).sections, [
    {
      title: 'Removed',
      groups: [
        {
          workload: 'namespace load',
          lines: [],
          more: 0,
          command: undefined,
          hint: 'removed with 2 workloads that had findings',
        },
        {
          workload: 'shop: deployment/web',
          lines: [{ before: '', image: 'nginx:1.25.1', after: ' removed' }],
          more: 0,
          command: undefined,
          hint: undefined,
        },
      ],
      more: 0,
    },
  ])
  t.match(messageOf(gone, { commands: 'none', mostWorkloads: 1 }).sections, [
    { groups: { length: 1 }, more: 1 },
  ])
  t.end()
})

t.test('likewise for programs', t => {
  const { removed: items, removedNamespaces, resolved, omitted } = documentOf(gone)
  t.match(items, [{ workload: { namespace: 'shop', name: 'web' } }])
  t.equal(items.length, 1)
  t.strictSame(removedNamespaces, [{ name: 'load', workloads: 2 }])
  t.strictSame([resolved, omitted], [[], 0])
  t.end()
})
