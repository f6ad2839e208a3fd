import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../../src/config/index.ts'
import { isProblems, readPolicy } from '../../../src/policy/index.ts'
import { run } from '../run.ts'

const handlers = `apiVersion: k8supdater.example.com/v1
kind: VersioningHandler
metadata: { name: web }
spec: { deployment: web, containerregistry: dockerhub }
---
apiVersion: k8supdater.example.com/v1
kind: VersioningHandler
metadata: { name: shop }
spec: { deployment: shop, containerregistry: gitlab }
`
const variables = `# as README section 2 has them
REFRESH_FREQUENCY_IN_SECONDS=43200
VERSIONS_FRONTIER=1
LATEST_PREFERENCE="true"
GITLAB_BASE_URL=https://gitlab.example.com
GITLAB_TOKEN=secret-token
GITLAB_PROJECT_ID=7
EMAIL_HOST=mail.example.com
EMAIL_PORT=587
EMAIL_SENDER=updates@example.com
EMAIL_PASSWORD=secret-password
EMAIL_RECIPIENT=team@example.com
TELEGRAM_CHAT_ID='-1001234567890'
TELEGRAM_TOKEN=secret-bot
`
const noFile = (): string => ''
const environment = { GITLAB_TOKEN: 'a', EMAIL_PASSWORD: 'b', TELEGRAM_TOKEN: '123456:ABC-def' }

t.test('handlers and variables make a policy', async t => {
  const { code, out, err } = await run(['migrate', 'k8supdater', 'h.yaml', '.env'], {
    'h.yaml': handlers,
    '.env': variables,
  })
  t.equal(code, 0)
  t.strictSame(parse(out), {
    apiVersion: 'patchline.dev/v1alpha1',
    kind: 'PatchPolicy',
    metadata: { name: 'k8supdater' },
    spec: {
      match: { kinds: ['Deployment'], objectSelector: { matchLabels: { k8supdater: 'watched' } } },
      mode: 'warn',
      strategy: 'minor',
    },
  })
  t.notOk(isProblems(readPolicy(parse(out))), 'Patchline reads it')
  t.equal(
    err,
    `patchline: VERSIONS_FRONTIER=1 is strategy minor. What is newer left of it is told as newestOverall.
patchline: A policy selects by labels, not by names. Label the Deployments that the VersioningHandlers name, in each namespace:
patchline:   kubectl label deployment web -n NAMESPACE k8supdater=watched
patchline:   kubectl label deployment shop -n NAMESPACE k8supdater=watched
patchline: Secrets stay out of the configuration: give GITLAB_TOKEN, EMAIL_PASSWORD, TELEGRAM_TOKEN to the audit as environment variables.
patchline: k8sUpdater patched Deployments by itself. Patchline reports what is newer; it changes no image.
`,
  )
})

t.test('the configuration is one that Patchline reads, and has no secret', async t => {
  const { out } = await run(['migrate', 'k8supdater', '.env', '-o', 'config'], { '.env': variables })
  t.notMatch(out, /secret-/)
  const config = readConfig(out, { environment, readFile: noFile, baseDirectory: '/', notifications: true })
  t.match(config, {
    strategy: 'minor',
    registries: [
      { host: 'registry.gitlab.example.com', kind: 'gitlab', apiUrl: 'https://gitlab.example.com' },
    ],
    audit: { intervalMinutes: 720, movedTags: 'finding' },
    notifications: {
      channels: [
        { name: 'mail', kind: 'email', host: 'mail.example.com', port: 587, to: ['team@example.com'] },
        { name: 'telegram', kind: 'telegram', chat: '-1001234567890' },
      ],
      routes: [{ name: 'k8supdater', channels: ['mail', 'telegram'] }],
    },
  })
})

t.test('the frontier as a strategy', async t => {
  const rows: [string, string, RegExp][] = [
    ['-1', 'major', /VERSIONS_FRONTIER=-1 is strategy major/],
    ['0', 'major', /./],
    ['2', 'patch', /./],
    ['3', 'rebuild', /./],
    ['9', 'rebuild', /./],
    ['two', 'patch', /VERSIONS_FRONTIER is no number: strategy patch is taken/],
  ]
  for (const [frontier, strategy, remark] of rows) {
    const files = { '.env': `VERSIONS_FRONTIER=${frontier}\n` }
    const { out, err } = await run(['migrate', 'k8supdater', '.env'], files)
    t.match(parse(out), { spec: { strategy } }, frontier)
    t.match(err, remark)
  }
})

t.test("the operator's Deployment and a ConfigMap have the variables too", async t => {
  const operator = `kind: List
items:
  - kind: Deployment
    spec: { template: { spec: { containers: [{ name: o, env: [{ name: VERSIONS_FRONTIER, value: '3' }] }] } } }
---
kind: ConfigMap
data: { REFRESH_FREQUENCY_IN_SECONDS: '90' }
`
  const { out } = await run(['migrate', 'k8supdater', 'o.yaml', '-o', 'config'], { 'o.yaml': operator })
  t.strictSame(parse(out), { strategy: 'rebuild', audit: { intervalMinutes: 2 } })
})

t.test('what is none of it', async t => {
  const rows: [string, string, RegExp][] = [
    ['a.yaml', 'kind: Pod\n', /these files have neither VersioningHandlers nor variables of k8sUpdater/],
    ['a.yaml', 'a: [\n', /a\.yaml is not YAML: /],
    ['missing.yaml', '', /missing\.yaml: no such file/],
  ]
  for (const [name, text, message] of rows) {
    const { code, err } = await run(['migrate', 'k8supdater', name], text === '' ? {} : { [name]: text })
    t.equal(code, 1)
    t.match(err, message)
  }
  t.equal((await run(['migrate', 'keel', 'a.yaml'], { 'a.yaml': '' })).code, 1)
})
