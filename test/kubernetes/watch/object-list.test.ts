import * as fc from 'fast-check'
import t from 'tap'
import { KubernetesError } from '../../../src/kubernetes/index.ts'
import type { ObjectReader } from '../../../src/kubernetes/watch/list-spec.ts'
import { readPage } from '../../../src/kubernetes/watch/object-list.ts'

const nameOf: ObjectReader<string> = {
  shape: { members: { metadata: { members: { name: 'whole' } } } },
  read(object, what) {
    const { metadata } = Object(object)
    const { name } = Object(metadata)
    if (typeof name === 'string') return name
    throw new KubernetesError('invalid-answer', { what, why: 'an object without a name' })
  },
}
const page = (text: string) => readPage(new TextEncoder().encode(text), 'list things', nameOf)
const list = (items: string, metadata = '"resourceVersion":"7"'): string =>
  `{"kind":"List","metadata":{${metadata}},"items":${items}}`
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

const read: readonly (readonly [what: string, text: string, names: readonly string[], unreadable: number])[] =
  [
    ['a page', list('[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]'), ['a', 'b'], 0],
    ['a page with spaces', `\n ${list(' [ { "metadata" : { "name" : "a" } } ] ')} \n`, ['a'], 0],
    ['no items as Go writes them', list('null'), [], 0],
    ['what is nested', list(`[{"spec":${deep},"metadata":{"name":"a","managedFields":${deep}}}]`), ['a'], 0],
    ['a very long text', list(`[{"metadata":{"x":"${'x'.repeat(1_000_000)}","name":"a"}}]`), ['a'], 0],
    ['of a member that is there twice the later', list('[{"metadata":1,"metadata":{"name":"a"}}]'), ['a'], 0],
    ['of items that are there twice the later', list('[{}],"items":[{"metadata":{"name":"a"}}]'), ['a'], 0],
    ['odd items beside others', list('[null,7,"a",[],{"metadata":{"name":"a"}},{"metadata":[]}]'), ['a'], 5],
    ['escaped and other characters', list('[{"metadata":{"name":"\\u00e4\\"\\\\]}ä"}}]'), ['ä"\\]}ä'], 0],
  ]
for (const [what, text, names, unreadable] of read)
  t.test(`${what} can be read`, async t => {
    const { objects, unreadable: left, resourceVersion } = page(text)
    t.strictSame(objects, names)
    t.strictSame(
      left.map(({ message }) => message),
      Array.from(
        { length: unreadable },
        () =>
          'list things: an object without a name; check that the address is that of a Kubernetes API server',
      ),
    )
    t.equal(resourceVersion, '7')
  })

const refused: readonly (readonly [text: string, why: string])[] = [
  ['', 'the answer is not JSON'],
  ['<html>', 'the answer is not JSON'],
  [`\uFEFF${list('[]')}`, 'the answer is not JSON'],
  [list('[{"metadata":{"name":"a"}}]').slice(0, -1), 'the answer is not JSON'],
  [list('[{"metadata":{"name":"a"}}]').slice(0, -12), 'the answer is not JSON'],
  [`${list('[]')}{}`, 'the answer is not JSON'],
  [list('[{"metadata":{"name":hunter2}}]'), 'the answer is not JSON'],
  [list('[{"metadata":{"name":"a"}},]'), 'the answer is not JSON'],
  ['{}', 'the answer is not a list'],
  ['null', 'the answer is not a list'],
  ['[]', 'the answer is not a list'],
  [list('{}'), 'the answer is not a list'],
  [list('"a"'), 'the answer is not a list'],
  [list('[]', '"resourceVersion":7'), 'the answer is not a list'],
  ['{"metadata":{"resourceVersion":"7"}}', 'the answer is not a list'],
]
for (const [text, why] of refused)
  t.test(`${JSON.stringify(text.slice(-60))} is refused`, async t => {
    t.throws(() => page(text), {
      code: 'invalid-answer',
      message: `list things: ${why}; check that the address is that of a Kubernetes API server`,
    })
  })

t.test('the address of the next page', async t => {
  t.equal(page(list('[]', '"resourceVersion":"7","continue":"x"')).continueToken, 'x')
  t.equal(page(list('[]', '"resourceVersion":"7","continue":""')).continueToken, undefined)
})

t.test('every page is read as JSON.parse reads it', async () => {
  const reader: ObjectReader<unknown> = { shape: 'whole', read: object => object }
  fc.assert(
    fc.property(fc.array(fc.json()), fc.json(), (items, beside) => {
      const text = `{"beside":${beside},"items":[${items.join(',')}],"metadata":{"resourceVersion":"7"}}`
      const { objects } = readPage(new TextEncoder().encode(text), 'list things', reader)
      return JSON.stringify(objects) === JSON.stringify(JSON.parse(text).items)
    }),
  )
})
