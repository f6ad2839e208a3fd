import t from 'tap'
import { annotatedOf, keyedImages, type ContainerImage } from '../../src/workload/index.ts'

const web = { container: 'web', field: 'container', image: 'nginx:1.25.1' } as const
const init = { container: 'init', field: 'init', image: 'busybox:1.36.0' } as const
const both = (images: string) => ({ 'patchline.dev/status': 'current', 'patchline.dev/images': images })
const ofWeb = '{"web":{"image":"nginx:1.25.1","verdict":"current"}}'
const ofInit = '"init":{"image":"busybox:1.36.0"}'

type Annotations = Readonly<Record<string, string>>

t.test('whether annotations are about the images that an object has', async t => {
  const rows: [string, Annotations | undefined, ContainerImage[], string][] = [
    ['no annotations', undefined, [web], 'none'],
    ['only those of people', { 'patchline.dev/strategy': 'minor' }, [web], 'none'],
    ['its image', both(ofWeb), [web], 'matching'],
    ['another image', both(ofWeb), [{ ...web, image: 'nginx:1.25.2' }], 'differing'],
    ['another container', both(ofWeb), [{ ...web, container: 'proxy' }], 'differing'],
    ['one that is not told', both(ofWeb), [web, init], 'differing'],
    ['one that is gone', both(`{${ofInit},${ofWeb.slice(1)}`), [web], 'differing'],
    ['one for which there was no room', both(`{${ofInit},"omitted":1}`), [web, init], 'matching'],
    ['two, and one is not told', both(`{${ofInit},"omitted":2}`), [web, init], 'differing'],
    ['the one that is told is another', both(`{${ofInit},"omitted":1}`), [web, web], 'differing'],
    [
      'a volume of the same name',
      both(`{"web (volume)":{"image":"x"},${ofWeb.slice(1)}`),
      volumes('x'),
      'matching',
    ],
    ['text of another', both('mine'), [web], 'differing'],
    ['a list', both('[]'), [web], 'differing'],
    ['a number', both('{"web":7}'), [web], 'differing'],
    ['only the status', { 'patchline.dev/status': 'current' }, [web], 'differing'],
    ['only the images', { 'patchline.dev/images': ofWeb }, [web], 'differing'],
    ['no images any more', both(ofWeb), [], 'differing'],
  ]
  for (const [what, annotations, images, expected] of rows)
    t.equal(annotatedOf({ metadata: { annotations } }, images), expected, what)
})

function volumes(image: string): ContainerImage[] {
  return [web, { container: 'web', field: 'volume', image }]
}

t.test('a container that is called like what is counted bears its field', async t => {
  const [keyed] = keyedImages([{ ...web, container: 'omitted' }])
  t.equal(keyed?.[0], 'omitted (container)')
})
