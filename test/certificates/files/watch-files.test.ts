import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  createCertificates,
  watchServingPair,
  type CertificateError,
  type KeyPair,
  type ServingPair,
} from '../../../src/certificates/index.ts'

const [first, second, third] = await Promise.all(
  [1, 2, 3].map(async () => (await createCertificates({ hosts: ['a.svc'], now: Date.now() })).serving),
)
if (first === undefined || second === undefined || third === undefined) throw new Error('no pairs')

/** A Secret volume as the kubelet writes it: files that link into `..data`, which is swapped as a whole. */
function secretVolume(root: string) {
  let version = 0
  const write = (pair: KeyPair) => {
    version += 1
    mkdirSync(join(root, `..v${version}`))
    writeFileSync(join(root, `..v${version}`, 'tls.crt'), pair.certificate)
    writeFileSync(join(root, `..v${version}`, 'tls.key'), pair.key)
    symlinkSync(`..v${version}`, join(root, '..data_tmp'))
    renameSync(join(root, '..data_tmp'), join(root, '..data'))
  }
  symlinkSync('..data/tls.crt', join(root, 'tls.crt'))
  symlinkSync('..data/tls.key', join(root, 'tls.key'))
  return { write, certificateFile: join(root, 'tls.crt'), keyFile: join(root, 'tls.key') }
}

/** Collects what a callback is told, and waits for the next of it. */
function inbox<T>() {
  const all: T[] = []
  let wake: (() => void) | undefined
  return {
    all,
    put: (item: T) => {
      all.push(item)
      wake?.()
    },
    async reach(count: number) {
      while (all.length < count) await new Promise<void>(resolve => (wake = resolve))
      return all[count - 1]
    },
  }
}

t.test('a new pair is handed over; a broken one is reported once and changes nothing', async t => {
  const volume = secretVolume(t.testdir())
  volume.write(first)
  const pairs = inbox<ServingPair>()
  const problems = inbox<CertificateError>()
  const watch = await watchServingPair({
    ...volume,
    onChange: pairs.put,
    onProblem: problems.put,
    intervalMilliseconds: 5,
  })
  t.teardown(() => watch.close())
  // Unref'd timers keep no process alive: that is wanted in production and would end this one.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))

  t.equal(watch.initial.certificate, first.certificate)
  volume.write(second)
  t.match(await pairs.reach(1), { certificate: second.certificate, key: second.key })

  volume.write({ certificate: third.certificate, key: first.key })
  t.match(await problems.reach(1), { code: 'mismatch', message: /tls\.key: not the key of / })
  await new Promise(resolve => setTimeout(resolve, 60))
  t.equal(problems.all.length, 1, 'told once')
  // Another key than the one of the certificate before: a read across the swap must not see a matching pair.
  volume.write({ certificate: 'half a fi', key: second.key })
  t.match(await problems.reach(2), { code: 'invalid-certificate' }, 'another problem is told')

  volume.write(third)
  t.match(await pairs.reach(2), { certificate: third.certificate })
  volume.write({ certificate: 'half a fi', key: third.key })
  t.match(
    await problems.reach(3),
    { code: 'invalid-certificate' },
    'the same problem again, after a good pair',
  )

  watch.close()
  volume.write(first)
  await new Promise(resolve => setTimeout(resolve, 40))
  t.equal(pairs.all.length, 2, 'nothing after close')
})

t.test('a watch does not start without a usable pair', async t => {
  const folder = t.testdir({ 'tls.crt': first.certificate })
  const starting = watchServingPair({
    certificateFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    onChange: () => t.fail('changed'),
    onProblem: () => t.fail('problem'),
  })
  await t.rejects(starting, { code: 'missing', message: /tls\.key: no such file$/ })
})

t.test('close during a read tells nothing', async t => {
  const folder = t.testdir({ 'tls.crt': first.certificate, 'tls.key': first.key })
  const certificateFile = join(folder, 'tls.crt')
  const watch = await watchServingPair({
    certificateFile,
    keyFile: join(folder, 'tls.key'),
    onChange: () => t.fail('changed'),
    onProblem: () => t.fail('problem'),
    intervalMilliseconds: 5,
  })
  execFileSync('mkfifo', [join(folder, 'pipe')])
  renameSync(join(folder, 'pipe'), certificateFile)
  const pipe = await open(certificateFile, 'w') // opens when the watch begins to read
  watch.close()
  await pipe.writeFile('not a certificate')
  await pipe.close()
  await new Promise(resolve => setTimeout(resolve, 20))
  t.pass('silent')
})
