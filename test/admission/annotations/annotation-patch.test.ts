import t from 'tap'
import { annotationPatch, removalPatch } from '../../../src/admission/annotations/annotation-patch.ts'
import { operationsOf, patched } from '../json-patch.ts'

const facts = { 'patchline.dev/status': 'current', 'patchline.dev/images': '{}' }
const addStatus = { op: 'add', path: '/metadata/annotations/patchline.dev~1status', value: 'current' }
const addImages = { op: 'add', path: '/metadata/annotations/patchline.dev~1images', value: '{}' }
const whole = [{ op: 'add', path: '/metadata/annotations', value: facts }]

t.test('the patch for every state of the annotations', async t => {
  const rows: [string, object[] | undefined][] = [
    ['{"metadata": {}}', whole],
    ['{"metadata": {"annotations": null}}', whole],
    ['{"metadata": {"annotations": {}}}', [addStatus, addImages]],
    ['{"metadata": {"annotations": {"a": "b"}}}', [addStatus, addImages]],
    [
      '{"metadata": {"annotations": {"patchline.dev/status": "outdated"}}}',
      [{ ...addStatus, op: 'replace' }, addImages],
    ],
    ['{"metadata": {"annotations": {"patchline.dev/status": "current"}}}', [addImages]],
    [
      '{"metadata": {"annotations": {"patchline.dev/status": "current", "patchline.dev/images": null}}}',
      [{ ...addImages, op: 'replace' }],
    ],
    [
      '{"metadata": {"annotations": {"patchline.dev/status": "current", "patchline.dev/images": "{}"}}}',
      undefined,
    ],
    ['{"metadata": {"annotations": ["a"]}}', undefined],
    ['{"metadata": {"annotations": "a"}}', undefined],
    ['{"metadata": null}', undefined],
    ['{"metadata": []}', undefined],
    ['{}', undefined],
    ['null', undefined],
  ]
  for (const [text, operations] of rows) {
    const object: unknown = JSON.parse(text)
    const patch = annotationPatch(object, facts)
    t.strictSame(patch && operationsOf(patch), operations, text)
    if (patch !== undefined) t.match(patched(object, patch), { metadata: { annotations: facts } }, text)
  }
})

const remove = (key: string) => ({ op: 'remove', path: `/metadata/annotations/patchline.dev~1${key}` })

t.test('what is taken away', async t => {
  const rows: [string, object[] | undefined][] = [
    ['{"metadata": {"annotations": {"a": "b"}}}', undefined],
    ['{"metadata": {"annotations": null}}', undefined],
    ['{"metadata": {}}', undefined],
    ['null', undefined],
    [
      '{"metadata": {"annotations": {"patchline.dev/strategy": "minor", "patchline.dev/images": "{}"}}}',
      [remove('images')],
    ],
    [
      '{"metadata": {"annotations": {"patchline.dev/status": null, "patchline.dev/images": "{}"}}}',
      [remove('status'), remove('images')],
    ],
  ]
  for (const [text, operations] of rows) {
    const object: unknown = JSON.parse(text)
    const patch = removalPatch(object)
    t.strictSame(patch && operationsOf(patch), operations, text)
    if (patch !== undefined) t.notMatch(JSON.stringify(patched(object, patch)), /status|images/, text)
  }
})
