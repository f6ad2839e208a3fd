import t from 'tap'

import type { PullIdentity } from '../../../src/evaluation/index.ts'
import type {
  SecretObject,
  SecretReader,
  ServiceAccountObject,
  Unread,
} from '../../../src/registry/credentials/pull-secret.ts'
import { createPullSecretCredentials } from '../../../src/registry/index.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const dockerConfig = (auths: Readonly<Record<string, string>>): SecretObject => ({
  kind: 'found',
  type: 'kubernetes.io/dockerconfigjson',
  data: {
    '.dockerconfigjson': JSON.stringify({
      auths: Object.fromEntries(Object.entries(auths).map(([key, auth]) => [key, { auth: base64(auth) }])),
    }),
  },
})
const missing: Unread = { kind: 'not-found', why: 'secrets "x" not found' }
const account = (...pullSecrets: string[]): ServiceAccountObject => ({ kind: 'found', pullSecrets })

interface Cluster extends SecretReader {
  readonly secrets: Map<string, SecretObject | Unread>
  readonly accounts: Map<string, ServiceAccountObject | Unread>
  readonly reads: string[]
}

function cluster(): Cluster {
  const secrets = new Map<string, SecretObject | Unread>()
  const accounts = new Map<string, ServiceAccountObject | Unread>()
  const reads: string[] = []
  return {
    secrets,
    accounts,
    reads,
    async pullSecret(namespace, name) {
      reads.push(`secret ${namespace}/${name}`)
      return secrets.get(`${namespace}/${name}`) ?? missing
    },
    async serviceAccount(namespace, name) {
      reads.push(`account ${namespace}/${name}`)
      return accounts.get(`${namespace}/${name}`) ?? missing
    },
  }
}

const requester = (namespace: string, ...pullSecrets: string[]): PullIdentity => ({
  namespace,
  serviceAccount: 'default',
  pullSecrets,
})
const app = { registry: 'ghcr.io', repository: 'team/app' }

function pullAccess(secrets: SecretReader, start = 0) {
  let now = start
  return {
    ...createPullSecretCredentials({
      secrets,
      reader: 'patchline-system:patchline',
      now: () => now,
      random: () => 0,
    }),
    wait: (milliseconds: number) => void (now += milliseconds),
  }
}

t.test("the pod's secrets by the kubelet's order, then those of its service account", async t => {
  const secrets = cluster()
  secrets.secrets.set('a/one', dockerConfig({ 'ghcr.io': 'one:1', 'quay.io': 'quay:1' }))
  secrets.secrets.set('a/two', dockerConfig({ 'ghcr.io/team': 'two:2', 'ghcr.io': 'two-host:2' }))
  secrets.secrets.set('a/three', dockerConfig({ 'ghcr.io/team/app': 'three:3' }))
  secrets.accounts.set('a/default', account('three', 'one', ''))
  const access = await pullAccess(secrets).accessOf(requester('a', 'one', 'two', '', 'one'))
  t.equal(access.namespace, 'a')
  t.same(access.problems, [])
  const credentials = access.credentialsFor(app)
  t.same(
    credentials.map(({ username, password, origin }) => [username, password, origin]),
    [
      ['two', '2', 'pull secret a/two'],
      ['one', '1', 'pull secret a/one'],
      ['two-host', '2', 'pull secret a/two'],
      ['three', '3', 'pull secret a/three'],
    ],
  )
  t.equal(access.credentialsFor({ ...app }), credentials, 'the same array')
  t.same(access.credentialsFor({ registry: 'ghcr.io.evil.tld', repository: 'team/app' }), [])
  t.same(access.credentialsFor({ registry: 'ghcr.io:444', repository: 'team/app' }), [])
  t.same(secrets.reads.toSorted(), ['account a/default', 'secret a/one', 'secret a/three', 'secret a/two'])
})

t.test('where one service account may not be read, no further one of its namespace is asked for', async t => {
  const secrets = cluster()
  for (const name of ['a/one', 'a/two', 'a/three'])
    secrets.accounts.set(name, { kind: 'forbidden', why: 'serviceaccounts is forbidden' })
  const audit = pullAccess(secrets)
  const ask = async (namespace: string, serviceAccount: string) =>
    (await audit.accessOf({ namespace, serviceAccount, pullSecrets: ['x'] })).problems.length
  for (const name of ['one', 'two', 'three'])
    t.equal(await ask('a', name), 1, 'its secret is asked for still')
  t.equal(await ask('b', 'one'), 1)
  const accounts = () => secrets.reads.filter(read => read.startsWith('account'))
  t.same(accounts(), ['account a/one', 'account b/one'])
  audit.wait(59_999)
  await ask('a', 'four')
  t.equal(accounts().length, 2)
  audit.wait(1)
  await ask('a', 'five')
  t.same(accounts().slice(2), ['account a/five'])
})

t.test(
  'a secret that many name is asked for once a minute, and one that is missing a little sooner',
  async t => {
    const secrets = cluster()
    secrets.secrets.set('a/one', dockerConfig({ 'ghcr.io': 'one:1' }))
    const audit = pullAccess(secrets)
    let number = 0
    const ask = async (name: string) => {
      const access = await audit.accessOf({
        namespace: 'a',
        serviceAccount: `own-${number++}`,
        pullSecrets: [name],
      })
      return access.credentialsFor(app).length
    }
    const count = (name: string) => secrets.reads.filter(read => read === `secret a/${name}`).length
    t.same(await Promise.all([ask('one'), ask('one'), ask('gone'), ask('gone')]), [1, 1, 0, 0])
    t.same([count('one'), count('gone')], [1, 1])
    secrets.secrets.set('a/gone', dockerConfig({ 'ghcr.io': 'gone:1' }))
    audit.wait(19_999)
    t.same([await ask('one'), await ask('gone')], [1, 0])
    audit.wait(1)
    t.same([await ask('one'), await ask('gone')], [1, 1])
    audit.wait(40_000)
    await ask('one')
    t.same([count('one'), count('gone')], [2, 2])
  },
)

t.test('a secret is for its own namespace only', async t => {
  const secrets = cluster()
  secrets.secrets.set('a/regcred', dockerConfig({ 'ghcr.io': 'a:1' }))
  secrets.accounts.set('b/default', account('regcred', 'a/regcred', '../a/regcred'))
  const pull = pullAccess(secrets)
  t.equal((await pull.accessOf(requester('a', 'regcred'))).credentialsFor(app).length, 1)
  for (const names of [['regcred'], ['a/regcred'], ['../a/regcred'], []]) {
    const access = await pull.accessOf(requester('b', ...names))
    t.equal(access.namespace, 'b')
    t.same(access.credentialsFor(app), [])
  }
  t.equal(
    secrets.reads.filter(read => read.startsWith('secret b/') || read === 'secret a/regcred').length,
    secrets.reads.filter(read => read.startsWith('secret ')).length,
  )
})

t.test('both types of secret', async t => {
  const secrets = cluster()
  const old = { 'ghcr.io': { username: 'old', password: 'p', email: 'x' } }
  secrets.secrets.set('a/old', {
    kind: 'found',
    type: 'kubernetes.io/dockercfg',
    data: { '.dockercfg': JSON.stringify(old) },
  })
  const access = await pullAccess(secrets).accessOf(requester('a', 'old'))
  t.same(
    access.credentialsFor(app).map(({ username }) => username),
    ['old'],
  )
})

t.test('what is of no use is said with what to do about it', async t => {
  const type = 'kubernetes.io/dockerconfigjson'
  const anew = 'create it again: kubectl -n a create secret docker-registry x'
  const text = (value: string): SecretObject => ({
    kind: 'found',
    type,
    data: { '.dockerconfigjson': value },
  })
  const rows: readonly (readonly [answer: SecretObject | Unread, problem: string | undefined])[] = [
    [missing, 'pull secret a/x does not exist; create it, or take it out of imagePullSecrets'],
    [
      { kind: 'forbidden', why: 'secrets "x" is forbidden' },
      'pull secret a/x may not be read; allow it: kubectl -n a create rolebinding patchline-pull-secrets --clusterrole=patchline-pull-secret-reader --serviceaccount=patchline-system:patchline',
    ],
    [{ kind: 'unavailable', why: '503' }, 'pull secret a/x could not be read: 503; it is read again soon'],
    [
      { kind: 'found', type: 'Opaque', data: {} },
      `pull secret a/x is of type Opaque and not of kubernetes.io/dockerconfigjson; ${anew}`,
    ],
    [{ kind: 'found', type, data: {} }, `pull secret a/x has no .dockerconfigjson; ${anew}`],
    [text('hunter2'), `pull secret a/x: it is not JSON; ${anew}`],
    [
      text('{"auths":{"ghcr.io":{"auth":"hunter2"}}}'),
      `pull secret a/x: the entry "ghcr.io" has an auth that is not the base64 of name:password; ${anew}`,
    ],
    [
      text('{"auths":{"ghcr.io":{}},"credsStore":"desktop"}'),
      `pull secret a/x holds no credentials but names a program that has them (credsStore, credHelpers); ${anew}`,
    ],
    [text('{"auths":{"elsewhere.example":{"auth":"YTpi"}}}'), undefined],
  ]
  for (const [answer, problem] of rows) {
    const secrets = cluster()
    secrets.secrets.set('a/x', answer)
    const access = await pullAccess(secrets).accessOf(requester('a', 'x'))
    t.same(access.problems, problem === undefined ? [] : [problem])
    t.same(access.credentialsFor(app), [])
    t.notMatch(JSON.stringify(access), /hunter2/)
  }
})

t.test('service accounts that cannot be read', async t => {
  const rows: readonly (readonly [answer: Unread, problems: readonly string[]])[] = [
    [{ kind: 'not-found', why: '' }, []],
    [{ kind: 'forbidden', why: '' }, []],
    [
      { kind: 'unavailable', why: 'ECONNREFUSED' },
      [
        'service account a/default could not be read for its pull secrets: ECONNREFUSED; it is read again soon',
      ],
    ],
  ]
  for (const [answer, problems] of rows) {
    const secrets = cluster()
    secrets.accounts.set('a/default', answer)
    t.same((await pullAccess(secrets).accessOf(requester('a'))).problems, problems)
  }
})

t.test('a list of names without end costs no requests without end', async t => {
  const secrets = cluster()
  const names = Array.from({ length: 500 }, (_, at) => `s${at}`)
  const access = await pullAccess(secrets).accessOf(requester('a', ...names))
  t.equal(secrets.reads.length, 21)
  t.equal(access.problems.at(-1), '500 pull secrets are named in a, of which 20 are read; name fewer')
})

t.test('known at once for five minutes, then read anew in the background; never older than ten', async t => {
  const secrets = cluster()
  secrets.secrets.set('a/x', dockerConfig({ 'ghcr.io': 'old:1' }))
  const pull = pullAccess(secrets)
  const asked = requester('a', 'x')
  const both = await Promise.all([pull.accessOf(asked), pull.accessOf({ ...asked })])
  t.equal(both[0], both[1])
  t.equal(secrets.reads.length, 2, 'asked twice, read once')
  pull.wait(299_999)
  t.equal(pull.accessOf(asked), both[0])
  t.equal(secrets.reads.length, 2)

  pull.wait(1)
  t.equal(pull.accessOf(asked), both[0], 'the old one meanwhile')
  t.equal(pull.accessOf(asked), both[0])
  await settled(secrets, 4)
  t.equal(pull.accessOf(asked), both[0], 'the same object for the same content')

  secrets.secrets.set('a/x', dockerConfig({ 'ghcr.io': 'new:2' }))
  pull.wait(300_000)
  t.equal(pull.accessOf(asked), both[0])
  await settled(secrets, 6)
  t.same((await pull.accessOf(asked)).credentialsFor(app)[0]?.username, 'new')

  secrets.secrets.delete('a/x')
  pull.wait(600_000)
  t.same((await pull.accessOf(asked)).credentialsFor(app), [], 'not what was known ten minutes ago')
})

t.test('what is wrong is read again after half a minute', async t => {
  const secrets = cluster()
  const pull = pullAccess(secrets)
  const asked = requester('a', 'x')
  t.equal((await pull.accessOf(asked)).problems.length, 1)
  secrets.secrets.set('a/x', dockerConfig({ 'ghcr.io': 'new:2' }))
  pull.wait(29_999)
  t.equal((await pull.accessOf(asked)).problems.length, 1)
  t.equal(secrets.reads.length, 2)
  pull.wait(30_001)
  t.same((await pull.accessOf(asked)).problems, [])
})

t.test('what is remembered is bounded', async t => {
  const secrets = cluster()
  secrets.secrets.set('a/x', dockerConfig({ 'ghcr.io': 'one:1' }))
  const pull = pullAccess(secrets)
  const access = await pull.accessOf(requester('a', 'x'))
  const first = access.credentialsFor(app)
  t.equal(access.credentialsFor(app), first)
  for (let n = 0; n < 1000; n++) access.credentialsFor({ registry: 'ghcr.io', repository: `team/${n}` })
  t.not(access.credentialsFor(app), first)
  t.same(access.credentialsFor(app), first)

  await Promise.all(Array.from({ length: 20_000 }, async (_, n) => pull.accessOf(requester(`n${n}`))))
  const reads = secrets.reads.length
  t.equal(await pull.accessOf(requester('n19999')), pull.accessOf(requester('n19999')))
  t.equal(secrets.reads.length, reads)
  await pull.accessOf(requester('a', 'x'))
  t.equal(
    secrets.reads.length,
    reads + 1,
    'of the oldest the account is read again, and the secret once a minute',
  )
})

t.test('a reader that breaks in the background breaks nothing else', async t => {
  const secrets = cluster()
  const pull = pullAccess(secrets)
  const asked = requester('a')
  const access = await pull.accessOf(asked)
  let breaks = 0
  const broken = createPullSecretCredentials({
    now: () => breaks++ * 310_000,
    secrets: {
      ...secrets,
      serviceAccount: async (namespace, name) => {
        if (breaks > 1) throw new Error('a mistake of ours')
        return secrets.serviceAccount(namespace, name)
      },
    },
  })
  await broken.accessOf(asked)
  t.same((await broken.accessOf(asked)).problems, access.problems)
})

async function settled({ reads }: Cluster, count: number): Promise<void> {
  while (reads.length < count) await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
}
