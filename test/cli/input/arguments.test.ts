import t from 'tap'
import { assertReferences } from '../../../src/cli/input/arguments.ts'

const file = (name: string): string =>
  `check takes image references like nginx:1.25.1, and ${name} is a file: name the images that stand in it`

const wrong: readonly (readonly [text: string, message: string])[] = [
  ['manifests/deployment.yaml', file('"manifests/deployment.yaml"')],
  ['deployment.YML', file('"deployment.YML"')],
  ['pod.json', file('"pod.json"')],
  ['./web', file('"./web"')],
  ['/srv/web', file('"/srv/web"')],
  ['~/web', file('"~/web"')],
  ['there/kustomization', file('"there/kustomization"')],
  ['-', file('standard input')],
  ['', 'image "" is not a reference: it is empty'],
  ['Nginx:1.25', 'image "Nginx:1.25" is not a reference: the repository must be lower case'],
  ['https://nginx', 'image "https://nginx" is not a reference: leave out https://'],
  ['docker://nginx:1.25', 'image "docker://nginx:1.25" is not a reference: leave out docker://'],
  ['nginx:', 'image "nginx:" is not a reference: nothing follows the colon'],
  ['nginx@', 'image "nginx@" is not a reference: nothing follows the @'],
]

t.test('what is no image reference is called so before anything is asked', async t => {
  const terminal = { isFile: (path: string) => path === 'there/kustomization' || path === 'nginx' }
  for (const [text, message] of wrong)
    t.throws(() => assertReferences([text], terminal), { name: 'UsageError', message }, text)
  for (const text of ['nginx', 'nginx:1.25.1', 'team/app.yaml:1.0.0', 'registry:5000/team/app'])
    t.doesNotThrow(() => assertReferences([text], terminal), text)
})

t.test('all of them at once', async t => {
  t.throws(() => assertReferences(['nginx:', 'redis:7', 'A'], {}), {
    message:
      'image "nginx:" is not a reference: nothing follows the colon\npatchline: image "A" is not a reference: the repository must be lower case',
  })
})
