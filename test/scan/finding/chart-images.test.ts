import t from 'tap'
import { appVersionOf, chartImages } from '../../../src/scan/index.ts'
import { readOne } from '../found.ts'

const values = 'image:\n  repository: a/web\n  tag: v1\nside: {image: b:v2}\noff: {image: c:v3}\n'
const pod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: '${image}'}]}\n`
const output = [
  `---\n# Source: shop/templates/web.yaml\n${pod('web', 'docker.io/a/web:v1')}`,
  `---\n# Source: shop/templates/web.yaml\n${pod('hard', 'd:v4')}`,
  `---\n# Source: shop/charts/db/templates/db.yaml\n${pod('db', 'e:v5')}`,
].join('')
const templates: Readonly<Record<string, string>> = {
  'charts/web/templates/web.yaml':
    'x: 1\nimage: "{{ .Values.image.repository }}:v1"\nhard:\n  - image: d:v4 # why\n',
}

t.test('images at their values, with the template; else in the template', async t => {
  const images = chartImages({
    path: 'charts/web',
    values: readOne('charts/web/values.yaml', values).images,
    rendered: readOne('stdin', output).images,
    templateText: path => templates[path],
  })
  t.strictSame(
    images.map(({ file, position, found, template }) => [
      `${file}:${position.line}:${position.column}`,
      found.image,
      template,
    ]),
    [
      ['charts/web/values.yaml:3:8', 'a/web:v1', { file: 'charts/web/templates/web.yaml', line: 2 }],
      ['charts/web/templates/web.yaml:4:12', 'd:v4', undefined],
      ['charts/web/charts/db/templates/db.yaml:1:1', 'e:v5', undefined],
      ['charts/web/values.yaml:4:15', 'b:v2', undefined],
      ['charts/web/values.yaml:5:14', 'c:v3', undefined],
    ],
  )
  t.equal(images[0]?.found.object?.kind, 'Pod', 'policies see the object')
  const { tag } = images[1]?.found ?? {}
  t.equal(templates['charts/web/templates/web.yaml']?.slice(tag?.start, tag?.end), 'v4')
})

t.test('the version of the application', async t => {
  t.equal(appVersionOf('appVersion: 1.20\n'), '1.20')
  t.equal(appVersionOf('name: x\n'), undefined)
  t.equal(appVersionOf('a: ['), undefined)
})
