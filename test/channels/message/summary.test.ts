import t from 'tap'
import { documentOf } from '../../../src/channels/message/document.ts'
import { renderMessage } from '../../../src/channels/message/rendered-message.ts'
import { messageWith, findings } from '../messages.ts'

const removed = findings([
  { namespace: 'load', name: 'a', newest: '2' },
  { namespace: 'load', name: 'a', container: 'side', newest: '2' },
  { namespace: 'load', name: 'b', newest: '2' },
  { namespace: 'shop', name: 'web', newest: '2' },
])
const gone = messageWith({ removed, goneNamespaces: ['load'] })

t.test('what is gone is removed, and a namespace is said once', t => {
  const entry = { links: [], command: undefined, hints: [] }
  const { subject, sections } = renderMessage(gone, { commands: 'set-image', mostImages: 30 })
  t.match(subject, 'removed: namespace load, nginx 1.25.1; ')
  t.strictSame(sections, [
    {
      title: 'Removed',
      entries: [
        {
          ...entry,
          image: 'namespace load',
          after: ' is there no more, nor 2 workloads in it that had findings',
          places: [],
        },
        { ...entry, image: 'nginx 1.25.1', after: ' is there no more', places: ['shop: deployment/web'] },
      ],
      more: 0,
    },
  ])
  t.match(renderMessage(gone, { commands: 'none', mostImages: 1 }).sections, [
    { entries: { length: 1 }, more: 1 },
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
