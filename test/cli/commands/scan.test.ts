import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { memoryRegistry } from '../../support/registry/registry-fixture.ts'
import { run, type Run } from '../run.ts'

const tags = ['1.0.0', '1.0.1', '1.0.2', '1.1.0']

interface Stage {
  readonly host: string
  readonly folder: string
  /** Scans paths below the folder, which is the root. */
  readonly scan: (args: readonly string[], input?: string) => Promise<Run>
}

/** A folder with files in which HOST stands for a registry. */
async function stage(t: Test, files: Readonly<Record<string, string>>): Promise<Stage> {
  const { host } = await memoryRegistry(t, { repositories: { 'team/app': tags } })
  const folder = t.testdir()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text.replaceAll('HOST', host))
  }
  return {
    host,
    folder,
    scan: (args, input = '') =>
      run(
        [
          'scan',
          ...args.map(arg => (arg.startsWith('/') ? join(folder, arg) : arg)),
          '--root',
          folder,
          '--insecure-registry',
          host,
        ],
        { '-': input.replaceAll('HOST', host), ...known(folder) },
      ),
  }
}

// The baseline is written as a file, and read by the terminal.
function known(folder: string): Readonly<Record<string, string>> {
  const file = join(folder, 'known.json')
  return existsSync(file) ? { [file]: readFileSync(file, 'utf8') } : {}
}

const pod = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: '${image}'}]}\n`
const old = pod('HOST/team/app:1.0.0')
const fine = pod('HOST/team/app:1.0.2')

t.test('a folder with every kind of file, from a registry', async t => {
  const { scan, host } = await stage(t, {
    'web.yaml': old,
    Dockerfile: 'FROM HOST/team/app:1.0.2\n',
    'compose.yaml': 'services: {x: {image: "HOST/team/app:1.0.1"}}\n',
    '.github/workflows/ci.yml': 'on: push\njobs: {a: {container: "HOST/team/app:1.1.0"}}\n',
    'node_modules/x/web.yaml': old,
    '.git/web.yaml': old,
    'notes.txt': old,
  })
  const { code, out, err } = await scan(['/', '-o', 'wide'])
  t.equal(code, 2)
  t.equal(err, '4 images in 4 files: 2 outdated, 2 current\n')
  t.equal(
    out.replaceAll(host, 'HOST').replaceAll(/ {2,}/g, '  '),
    `VERDICT  IMAGE  NEWEST  BEHIND  PLACE  WHERE  WHY
outdated  HOST/team/app:1.0.0  1.0.2  2  web.yaml:4:39  Pod p, c
outdated  HOST/team/app:1.0.1  1.0.2  1  compose.yaml:1:24  service x
current  HOST/team/app:1.1.0  -  -  .github/workflows/ci.yml:2:24  job a, container
current  HOST/team/app:1.0.2  -  -  Dockerfile:1:6  stage 0
`,
  )
})

t.test('the exit codes are those of check, and what fails can be chosen', async t => {
  const { scan } = await stage(t, {
    'old.yaml': old,
    'fine.yaml': fine,
    'gone.yaml': pod('HOST/team/app:1.0.9'),
    'private.yaml': pod('HOST/team/none:1.0.0'),
    'broken.yaml': 'image: [\n',
  })
  const rows: readonly (readonly [args: string[], code: number])[] = [
    [['/fine.yaml'], 0],
    [['/old.yaml', '/gone.yaml', '/private.yaml'], 2],
    [['/gone.yaml', '/private.yaml', '/fine.yaml'], 4],
    [['/private.yaml', '/fine.yaml'], 3],
    [['/broken.yaml', '/fine.yaml'], 3],
    [['/old.yaml', '/broken.yaml'], 2],
    [['/', '--fail-on', 'never'], 0],
    [['/old.yaml', '/private.yaml', '--fail-on', 'unknown'], 3],
    [['/private.yaml', '/broken.yaml', '/fine.yaml', '--fail-on', 'outdated'], 0],
    [['/private.yaml', '/old.yaml', '--fail-on', 'outdated,unknown'], 2],
    [['/old.yaml', '--fail-on', 'age>30d'], 0],
    [['/none.yaml'], 1],
    [['/old.yaml', '--fail-on', 'sometimes'], 1],
  ]
  for (const [args, code] of rows) {
    const ran = await scan([...args, '-o', 'json'])
    t.equal(ran.code, code, args.join(' '))
  }
  t.match(
    (await scan(['/old.yaml', '--fail-on', 'age>30d'])).err,
    'since when 1 outdated image could be newer is not known, so age fails none of them\n',
  )
})

t.test('what cannot be read has a row, and the rest is judged', async t => {
  const { scan, folder, host } = await stage(t, {
    'a/old.yaml': old,
    'a/broken.yaml': `${fine}---\nimage: [\n`,
    'a/template.yaml': 'image: {{ .Values.image }}\n{{- end }}\n: [',
    'a/private.yaml': pod('HOST/team/none:1.0.0'),
    'a/foreign.yaml': pod('127.0.0.1:1/a:1.0.0'),
    'outside.yaml': fine,
  })
  writeFileSync(join(folder, 'a/latin.yaml'), Buffer.from('image: caf\xe9\n', 'latin1'))
  symlinkSync(join(folder, 'outside.yaml'), join(folder, 'a/link.yaml'))
  symlinkSync(join(folder, 'a'), join(folder, 'a/circle'))
  symlinkSync('old.yaml', join(folder, 'a/same.yaml'))
  const { out, err, code } = await scan(['/a', '-o', 'csv'])
  t.equal(code, 2)
  const lines = out
    .replaceAll(host, 'HOST')
    .split('\r\n')
    .map(line => line.split(',').slice(0, 12).join())
  t.strictSame(lines.slice(1), [
    'a/broken.yaml,4,39,Pod p,c,HOST/team/app:1.0.2,current,1.0.2,,0,newest,',
    'a/foreign.yaml,4,39,Pod p,c,127.0.0.1:1/a:1.0.0,unknown,1.0.0,,0,not-allowed,"127.0.0.1:1/a: this registry is not among those that may be asked; if you trust it',
    'a/old.yaml,4,39,Pod p,c,HOST/team/app:1.0.0,outdated,1.0.0,1.0.2,2,newer,',
    'a/private.yaml,4,39,Pod p,c,HOST/team/none:1.0.0,unknown,1.0.0,,0,not-found,HOST/team/none: the registry has no such repository; check its name',
    'a/latin.yaml,,,,,,unknown,,,,unreadable,not UTF-8',
    'a/broken.yaml,7,1,,,,unknown,,,,unreadable,not YAML: bad indent',
    '',
  ])
  t.equal(
    err,
    `patchline: a/link.yaml: the link leads out of the folder, so it is not followed
patchline: a/template.yaml:2: a template of another tool is not read
4 images in 5 files: 1 outdated, 2 unknown, 1 current; 2 could not be read
`,
  )
})

t.test('standard input', async t => {
  const { scan } = await stage(t, {})
  const empty = await scan(['-'], ' \n')
  t.strictSame(
    [empty.code, empty.err, empty.out],
    [1, 'patchline: standard input is empty: there is nothing to scan\n', ''],
  )
  const nothing = await scan(['-', '-o', 'json'], 'apiVersion: v1\nkind: ConfigMap\n')
  t.strictSame([nothing.code, nothing.err, nothing.out], [0, '0 images in 1 file\n', ''])
  const helm = await scan(['-', '-o', 'github'], `---\n# Source: web/templates/a.yaml\n${old}`)
  t.match(
    helm.out,
    /^::warning file=web\/templates\/a\.yaml,line=1,col=1,title=patchline::.* is 2 versions behind 1\.0\.2 \(Pod p, c\)\n$/,
  )
})

t.test('nothing in there is an error', async t => {
  const { scan, folder } = await stage(t, { 'a/notes.txt': 'x' })
  const { code, err } = await scan(['/a'])
  t.strictSame([code, err], [1, `patchline: ${folder}/a: no file in there that may name images\n`])
})

t.test('ignores that end, and annotations of the object', async t => {
  const { scan } = await stage(t, {
    'a.yaml': old.replace("'}]}", "'}]} # patchline: ignore until 2090-01-31 because the client breaks"),
    'b.yaml': `# patchline: ignore until 2020-01-31 because it was so\n${old}`,
    'c.yaml': old.replace('name: p', "name: p, annotations: {patchline.dev/skip: '1.0.2'}"),
    'd.yaml': old.replace('name: p', 'name: p, annotations: {patchline.dev/mode: enforce}'),
    'e.yaml': `${fine.trim()} # patchline: ignore until 2090-01-31 because the client breaks\n`,
    'f.yaml': `${old.trim()} # patchline: ignore because I like it\n`,
  })
  const { code, err, out } = await scan(['/', '-o', 'csv'])
  t.equal(code, 2)
  t.match(
    err,
    `patchline: f.yaml:4: the ignore does not count: it says no end; write # patchline: ignore until 2027-01-31 because …
patchline: b.yaml:1: the ignore has nothing to ignore; remove it
patchline: e.yaml:4: the ignore has nothing to ignore; remove it
6 images in 6 files: 5 outdated, 1 current; 2 silenced
`,
  )
  t.match(out, 'ignored until 2090-01-31T00:00Z: the client breaks')
  const one = await scan(['/a.yaml', '/c.yaml'])
  t.equal(one.code, 0)
})

t.test('policies and exceptions decide as in a cluster', async t => {
  const { scan, folder } = await stage(t, { 'a.yaml': old })
  const policies = `apiVersion: patchline.dev/v1alpha1
kind: PatchPolicy
metadata: { name: strict }
spec:
  match: { namespaceSelector: { matchLabels: { env: prod } } }
  strategy: minor
  exceptions: { namespaceSelector: {}, longest: 30000d }
---
apiVersion: patchline.dev/v1alpha1
kind: PatchException
metadata: { name: later, namespace: shop, creationTimestamp: '2026-01-01T00:00:00Z' }
spec: { images: ['**/app'], until: '2090-01-01T00:00:00Z', owner: shop, reason: the client breaks }
`
  const prod = await run(
    [
      'scan',
      join(folder, 'a.yaml'),
      '--policy',
      'p',
      '--namespace-labels',
      'env=prod',
      '-n',
      'shop',
      '-o',
      'json',
      '--registry',
      'none.invalid',
    ],
    { p: policies },
  )
  t.match(JSON.parse(prod.out), { policy: 'strict', strategy: 'minor', verdict: 'unknown' })
  const off = await run(['scan', join(folder, 'a.yaml'), '-c', 'c', '-o', 'json'], { c: 'mode: off\n' })
  t.match(JSON.parse(off.out), { verdict: 'exempt', reason: 'namespace-off' })
  t.equal(off.code, 0)
  t.equal((await scan(['/a.yaml', '-s', 'rebuild'])).code, 0)
})

t.test('a file that may not be read, by a user who is not root', async t => {
  const { scan, folder } = await stage(t, { 'a.yaml': old, 'b.yaml': fine, 'docker.json': '{}' })
  // What a command loads late is loaded as the user who began.
  t.equal((await scan(['/'])).code, 2)
  chmodSync(join(folder, 'a.yaml'), 0)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(nobody)
  try {
    const { out, err } = await scan(['/', '-o', 'json', '--docker-config', '/docker.json'])
    t.match(out, '{"file":"a.yaml","line":null,"column":null,"error":"permission denied"}', err)
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

const nobody = 65534

t.test('a file that was named is empty or broken', async t => {
  const { scan, folder } = await stage(t, {
    'empty.yaml': '\n',
    'broken.yaml': 'a: [\n',
    'notes.md': 'a: [\n',
  })
  const empty = await scan(['/empty.yaml'])
  t.strictSame(
    [empty.code, empty.err],
    [1, `patchline: ${folder}/empty.yaml is empty: there is nothing to scan\n`],
  )
  const broken = await scan(['/empty.yaml', '/broken.yaml', '-o', 'json'])
  t.equal(broken.code, 3)
  t.match(broken.out, /"file":"broken\.yaml","line":2,"column":1,"error":"not YAML: /)
  t.equal((await scan(['/notes.md'])).code, 0, 'all files of a commit may be named, manifests or not')
})

t.test('a fix shows a diff, and writes it', async t => {
  const { scan, folder, host } = await stage(t, {
    'a.yaml': `# why\r\n${old}`,
    'b.yaml': fine,
    'c.yaml': pod(`HOST/team/app:1.0.0@sha256:${'a'.repeat(64)}`),
  })
  chmodSync(join(folder, 'a.yaml'), 0o640)
  const before = readFileSync(join(folder, 'a.yaml'), 'utf8')
  const dry = await scan(['/', '--fix', '--dry-run'])
  t.equal(dry.code, 2)
  t.match(dry.err, '3 images in 3 files: 2 outdated, 1 current; would rewrite 2 images\n')
  t.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), before)
  const { code, out, err } = await scan(['/', '--fix'])
  t.equal(code, 0)
  t.equal(out, dry.out)
  t.match(
    out,
    `-spec: {containers: [{name: c, image: '${host}/team/app:1.0.0'}]}\n+spec: {containers: [{name: c, image: '${host}/team/app:1.0.2'}]}\n`,
  )
  t.match(err, 'rewrote 2 images\n')
  t.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), before.replace('1.0.0', '1.0.2'))
  t.equal(statSync(join(folder, 'a.yaml')).mode & 0o777, 0o640)
  t.match(readFileSync(join(folder, 'c.yaml'), 'utf8'), /app:1\.0\.2@sha256:(?!aaaa)[0-9a-f]{64}'/)
  const again = await scan(['/', '--fix'])
  t.strictSame([again.code, again.out], [0, ''])
})

t.test('a baseline: only what is new fails', async t => {
  const { scan, folder } = await stage(t, { 'a/old.yaml': old })
  const file = '/known.json'
  t.equal((await scan(['/a', '--write-baseline', file])).code, 0)
  const second = await scan(['/a', '--baseline', file])
  t.equal(second.code, 0)
  t.match(second.out, 'in the baseline')
  writeFileSync(
    join(folder, 'a/new.yaml'),
    readFileSync(join(folder, 'a/old.yaml'), 'utf8').replace('name: p', 'name: q'),
  )
  t.equal((await scan(['/a', '--baseline', file])).code, 2)
})

t.test('options that do not go together, and files that are none', async t => {
  const { scan, folder } = await stage(t, { 'a.yaml': old })
  const rows: readonly (readonly [args: string[], message: string])[] = [
    [['/a.yaml', '--dry-run'], '--dry-run goes with --fix'],
    [['/a.yaml', '--fix', '-o', 'json'], '--fix prints a diff: leave out --output'],
    [['/a.yaml', '--fix', '--write-baseline', 'x'], '--fix and --write-baseline do not go together'],
    [['/a.yaml', '--baseline', 'none'], 'none: no such file'],
    [['/a.yaml', '--baseline', '-'], '-: it is no baseline of patchline scan'],
    [['/a.yaml', '--write-baseline', '/'], `cannot be written: ${folder}/: is a folder`],
    [['-', '--fix'], 'standard input cannot be rewritten: name files, or add --dry-run'],
  ]
  for (const [args, message] of rows) {
    const { code, err } = await scan(args, old)
    t.strictSame([code, err.split('\n').at(-2)], [1, `patchline: ${message}`], args.join(' '))
  }
})
