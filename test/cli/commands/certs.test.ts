import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../../../src/cli/index.ts'

async function certs(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const code = await runCommand(['certs', ...args], {
    environment: {},
    out: text => void (out += text),
    err: text => void (err += text),
    readFile: path => {
      if (path === 'missing.yaml') throw new Error('no such file')
      return 'workloads: [{ group: example.com, kind: App, podTemplate: spec..a }]'
    },
  })
  return { code, out, err }
}

t.test('the pair is written where it was asked for, and the bundle printed', async t => {
  const directory = join(t.testdir(), 'folder')
  const { code, out, err } = await certs([
    '--directory',
    directory,
    '--namespace',
    'ops',
    '--host',
    '127.0.0.1',
  ])
  t.equal(code, 0, err)
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
  t.equal(Buffer.from(out.trim(), 'base64').toString('utf8'), read('ca.crt'))
  const certificate = new X509Certificate(read('tls.crt'))
  t.ok(certificate.verify(new X509Certificate(read('ca.crt')).publicKey))
  t.equal(
    certificate.subjectAltName,
    'DNS:patchline.ops.svc, DNS:patchline.ops.svc.cluster.local, IP Address:127.0.0.1',
  )
  t.equal(statSync(join(directory, 'tls.key')).mode & 0o777, 0o600)
  execFileSync(
    'openssl',
    ['verify', '-x509_strict', '-CAfile', join(directory, 'ca.crt'), join(directory, 'tls.crt')],
    {
      stdio: 'ignore',
    },
  )
})

t.test('a pair that is there is replaced, and that is said', async t => {
  const directory = t.testdir()
  t.notMatch((await certs(['--directory', directory])).err, /^patchline:/)
  t.match(
    (await certs(['--directory', directory])).err,
    `patchline: the pair that is in ${directory} already is replaced\n`,
  )
})

t.test('an option for the cluster is not left out in silence', async t => {
  for (const [option, ...value] of [
    ['--secret', 'other'],
    ['--configuration', 'other'],
    ['--new-path'],
    ['--wait', '20'],
    ['--config', 'c.yaml'],
    ['--kubeconfig', 'k'],
    ['--context', 'other'],
  ] as const)
    t.strictSame(await certs([option, ...value]), {
      code: 1,
      out: '',
      err: `patchline: ${option} is for the cluster: add --patch, or leave it out\n`,
    })
})

t.test('a key that lies there open to others is replaced by one that is not', async t => {
  const directory = t.testdir({
    'tls.key': 'old',
    elsewhere: 'kept',
    'tls.crt': t.fixture('symlink', 'elsewhere'),
  })
  chmodSync(join(directory, 'tls.key'), 0o644)
  const old = openSync(join(directory, 'tls.key'), 'r')
  t.equal((await certs(['--directory', directory])).code, 0)
  t.equal(statSync(join(directory, 'tls.key')).mode & 0o777, 0o600)
  t.equal(readFileSync(old, 'utf8'), 'old', 'one who has the old file open does not read the new key')
  closeSync(old)
  t.equal(readFileSync(join(directory, 'elsewhere'), 'utf8'), 'kept', 'a link is not followed')
  t.strictSame(readdirSync(directory).toSorted(), ['ca.crt', 'elsewhere', 'tls.crt', 'tls.key'])
})

t.test('a folder in the place of the key is an error that leaves nothing behind', async t => {
  const directory = t.testdir({ 'tls.key': { inner: '' } })
  const { code, err } = await certs(['--directory', directory])
  t.equal(code, 1)
  t.match(err, /patchline: the pair cannot be written: E/)
  t.notOk(readdirSync(directory).some(name => name.endsWith('.new')))
})

const wrong: readonly (readonly [args: readonly string[], err: RegExp])[] = [
  [['--host', 'not a host'], /patchline: .*not a host/],
  [
    ['--directory', join(import.meta.filename, 'below-a-file')],
    /patchline: the pair cannot be written: ENOTDIR/,
  ],
  [
    ['-n', 'BAD_NAME'],
    /^patchline: option '-n, --namespace <name>' argument 'BAD_NAME' is invalid\. No namespace can have this name: it has lower-case letters, digits and dashes\.\n/,
  ],
  [['--service', 'a.b'], /No Service can have this name: it has lower-case letters, digits and dashes\.\n/],
  [
    ['--patch', '--secret', 'A'],
    /No Secret can have this name: it has lower-case letters, digits, dashes and dots\.\n/,
  ],
  [
    ['--patch', '--configuration', '/x'],
    /No webhook configuration can have this name: it has lower-case letters, digits, dashes and dots\.\n/,
  ],
  [
    ['--patch', '--wait', '601'],
    /^patchline: option '--wait <seconds>' argument '601' is invalid\. It is a whole number of seconds, at most 600\.\n/,
  ],
  [['--patch', '--wait', '1.5'], /'1\.5' is invalid\. It is a whole number of seconds, at most 600\.\n/],
  [['--directory', '/proc/nowhere'], /patchline: the pair cannot be written: ENOENT/],
  [
    ['--patch', '--kubeconfig', '/nowhere/kubeconfig'],
    /patchline: load the Kubernetes configuration: .*\/nowhere\/kubeconfig/,
  ],
  [['--patch', '--config', 'missing.yaml'], /patchline: the configuration missing.yaml: no such/],
  [
    ['--patch', '--config', 'patchline.yaml'],
    /workloads\[0\]\.podTemplate: must be a path like spec\.template/,
  ],
]

t.test('what cannot be done exits 1 and says why', async t => {
  for (const [args, err] of wrong) {
    const outcome = await certs(args)
    t.equal(outcome.code, 1, args.join(' '))
    t.match(outcome.err, err)
  }
})
