import t, { type Test } from 'tap'
import { createCertificates } from '../../../src/certificates/index.ts'
import { answer, refuse, startApiServer, type Handler } from '../../support/kubernetes/fake-api-server.ts'
import { run } from '../run.ts'

type Answers = Readonly<Record<string, Handler>>

/** Runs a command against an API server that answers so, and 404 to all else. */
async function fixture(t: Test, args: readonly string[], answers: Answers) {
  const server = await startApiServer((received, response) => {
    const key = `${received.method} ${received.url.pathname}`
    return (answers[key] ?? refuse(404, 'not found'))(received, response)
  })
  t.teardown(() => server.close())
  const outcome = await run([...args, '--kubeconfig', server.kubeconfig(t.testdir())])
  return { ...outcome, received: server.received }
}

const registration = '/apis/admissionregistration.k8s.io/v1'
const validating = `GET ${registration}/validatingwebhookconfigurations/patchline`
const mutating = `GET ${registration}/mutatingwebhookconfigurations/patchline`
const review = 'POST /apis/patchline.dev/v1alpha1/namespaces/default/patchexceptions'
const endpoints = 'GET /apis/discovery.k8s.io/v1/namespaces/patchline-system/endpointslices'

const configuration = (name: string, clientConfig: object = {}) =>
  answer(200, {
    metadata: { name: 'patchline' },
    webhooks: [
      { name, clientConfig: { caBundle: 'Y2E=', service: { path: '/validate/x' }, ...clientConfig } },
    ],
  })
const refusal =
  'admission webhook "policies.patchline.dev" denied the request: patchline: no policy allows it'
const well: Answers = {
  [review]: refuse(403, refusal),
  [validating]: configuration('validate.patchline.dev'),
  [mutating]: configuration('mutate.patchline.dev'),
}
const ready = (isReady: boolean) =>
  answer(200, { items: [{ endpoints: [{ conditions: { ready: isReady } }] }] })

t.test('doctor: a refusal of Patchline is the proof', async t => {
  const { code, out, err, received } = await fixture(t, ['doctor'], well)
  t.strictSame([code, out, err], [0, 'the API server asks Patchline, and trusts its answers\n', ''])
  const [sent] = received
  t.equal(sent?.url.search, '?dryRun=All', 'nothing is stored')
  t.match(JSON.parse(sent?.body ?? ''), { kind: 'PatchException', spec: { until: '2000-01-01T00:00:00Z' } })
})

t.test('doctor: without the webhook for annotations all is well too', async t => {
  t.match(await fixture(t, ['doctor'], { ...well, [mutating]: refuse(404, 'not found') }), { code: 0 })
})

const accepted = 'patchline: the API server takes a PatchException that is over without asking Patchline\n'
const faults: readonly (readonly [string, Answers, string])[] = [
  [
    'nothing is installed',
    { [endpoints]: answer(200, { items: [] }) },
    'patchline: the definition of PatchException or the namespace default is not there, so no review can be tried\n' +
      'patchline: there is no validatingwebhookconfigurations/patchline\n' +
      'patchline: no pod of service patchline-system/patchline is ready\n',
  ],
  [
    'nothing was certified yet',
    {
      ...well,
      [review]: answer(201, {}),
      [validating]: configuration('validate.patchline.dev', { caBundle: '', service: {} }),
      [endpoints]: ready(true),
    },
    `${accepted}patchline: validatingwebhookconfigurations/patchline: validate.patchline.dev has no caBundle: \`patchline certs --patch\` or cert-manager writes it\n` +
      'patchline: validatingwebhookconfigurations/patchline: validate.patchline.dev has no path\n',
  ],
  [
    'no pod is ready',
    { ...well, [review]: answer(201, {}), [endpoints]: ready(false) },
    `${accepted}patchline: no pod of service patchline-system/patchline is ready\n`,
  ],
  [
    'the webhook fails closed',
    {
      ...well,
      [review]: refuse(500, 'Internal error occurred: failed calling webhook "x": EOF'),
      [endpoints]: ready(true),
    },
    'patchline: the API server cannot ask Patchline: 500 Internal error occurred: failed calling webhook "x": EOF\n',
  ],
]
for (const [title, answers, err] of faults)
  t.test(`doctor: ${title}`, async t => {
    const outcome = await fixture(t, ['doctor'], answers)
    t.strictSame([outcome.code, outcome.out, outcome.err], [3, '', err])
  })

t.test('doctor: a right that is missing is an error of the caller', async t => {
  const why = 'patchexceptions.patchline.dev is forbidden: User "alice" cannot create resource'
  const { code, err } = await fixture(t, ['doctor'], { [review]: refuse(403, why) })
  t.equal(code, 1)
  t.match(err, `patchline: create a PatchException in default (dry run): 403 ${why}; grant this right`)
})

t.test('doctor: it looks again for so long', async t => {
  let looks = 0
  const late: Handler = (received, response) => {
    looks += 1
    const reply = looks === 1 ? answer(201, {}) : refuse(403, refusal)
    return reply(received, response)
  }
  const answers = { ...well, [review]: late, [endpoints]: ready(false) }
  t.match(await fixture(t, ['doctor', '--wait', '60'], answers), { code: 0, err: '' })
  t.equal(looks, 2)
  t.match(await run(['doctor', '--wait', 'long']), {
    code: 1,
    err: /It is a number of seconds, at most 3600\./,
  })
})

const version = { 'GET /version': answer(200, { gitVersion: 'v1.37.2' }) }
const list = `GET ${registration}/validatingwebhookconfigurations`
const secret = 'GET /api/v1/namespaces/patchline-system/secrets/own'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const { serving } = await createCertificates({ hosts: ['patchline.patchline-system.svc'], now: Date.now() })
const old = await createCertificates({ hosts: ['other.shop.svc'], now: Date.UTC(2000) })
const pair = (certificate: string) =>
  answer(200, { data: { 'tls.crt': base64(certificate), 'tls.key': base64('key') } })

const planned: readonly (readonly [string, Answers, readonly (string | RegExp)[]])[] = [
  [
    'all is well',
    { ...version, [list]: configurations('patchline'), [secret]: pair(serving.certificate) },
    [],
  ],
  [
    'an old cluster, and another Patchline',
    {
      'GET /version': answer(200, { gitVersion: 'v1.24.9-gke.1' }),
      [list]: configurations('other'),
      [secret]: pair(serving.certificate),
    },
    [
      'patchline: the cluster is Kubernetes v1.24.9-gke.1; Patchline needs 1.25 or newer',
      'patchline: there is another Patchline: validatingwebhookconfigurations/other; with two, each warning comes twice',
    ],
  ],
  [
    'no Secret',
    { ...version, [list]: configurations() },
    [
      'patchline: secret patchline-system/own is not there: create it, or let cert-manager or `patchline certs --patch` make it',
    ],
  ],
  [
    'an empty Secret',
    { ...version, [list]: configurations(), [secret]: answer(200, { data: {} }) },
    ['patchline: secret patchline-system/own lacks tls.crt and tls.key'],
  ],
  [
    'no certificate',
    { ...version, [list]: configurations(), [secret]: pair('junk') },
    ['patchline: secret patchline-system/own: tls.crt is no certificate'],
  ],
  [
    'a certificate that has ended, for another host',
    { ...version, [list]: configurations(), [secret]: pair(old.serving.certificate) },
    [
      /^patchline: secret patchline-system\/own: the certificate ended on \w+ +\d+ [\d:]+ 200\d GMT$/,
      'patchline: secret patchline-system/own: the certificate is not for patchline.patchline-system.svc',
    ],
  ],
]
for (const [title, answers, problems] of planned)
  t.test(`preflight: ${title}`, async t => {
    const { code, out, err, received } = await fixture(t, ['preflight', '--secret', 'own'], answers)
    t.equal(code, problems.length === 0 ? 0 : 3)
    t.equal(out, problems.length === 0 ? 'the cluster is fit for Patchline\n' : '')
    t.match(err.split('\n'), [...problems, ''])
    t.ok(
      received.every(({ method }) => method === 'GET'),
      'nothing is changed',
    )
  })

t.test('preflight: without --secret none is looked for', async t => {
  t.match(await fixture(t, ['preflight'], { ...version, [list]: configurations() }), { code: 0, err: '' })
})

function configurations(...names: readonly string[]): Handler {
  const webhooks = [{ name: 'validate.patchline.dev', clientConfig: {} }]
  const others = { metadata: { name: 'cert-manager' }, webhooks: [{ name: 'x.io', clientConfig: {} }] }
  return answer(200, { items: [others, ...names.map(name => ({ metadata: { name }, webhooks }))] })
}
