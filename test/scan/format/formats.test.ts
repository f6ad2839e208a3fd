import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { applyIgnores, formatReport, scanFormats } from '../../../src/scan/index.ts'
import { now, scanned } from '../report.ts'
import { sarifSchema } from './sarif-schema.ts'

const files = {
  'a b/web%,:.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - {name: web, image: nginx:1.25.1}
      - {name: gone, image: nginx:1.25.9}
      - {name: private, image: r.io/a:1.0.0}
      - name: later
        image: nginx:1.25.2 # patchline: ignore until 2027-01-31 because the "client" <breaks>
      - {name: fine, image: nginx:1.25.5}
---
image: [
`,
}
const tags = { nginx: '1.25.1 1.25.2 1.25.5' }

async function report() {
  const { report: judged, reading } = await scanned(files, tags)
  const { rows, notes } = applyIgnores(judged.rows, reading.ignores, now)
  return { ...judged, rows, notes: [...judged.notes, ...notes] }
}
/** The text of a golden file; one that is missing is written, to be looked at before it is committed. */
function golden(name: string, text: string): string {
  const path = join(import.meta.dirname, 'golden', name)
  if (!existsSync(path)) writeFileSync(path, text)
  return readFileSync(path, 'utf8')
}

const options = { summary: '5 images | <b>', version: '1.2.3' }

t.test('each format, line by line', async t => {
  const found = await report()
  t.strictSame(found.notes, [])
  for (const format of scanFormats)
    t.equal(
      formatReport(found, format, options),
      golden(`${format}.txt`, formatReport(found, format, options)),
      format,
    )
})

t.test('nothing is the matter: each format is whole all the same', async t => {
  const { report: clean } = await scanned({ 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' }, {})
  for (const format of scanFormats)
    t.equal(
      formatReport(clean, format, options),
      golden(`${format}-clean.txt`, formatReport(clean, format, options)),
      format,
    )
  t.strictSame(JSON.parse(formatReport(clean, 'sarif', options)).runs[0].results, [])
  t.strictSame(JSON.parse(formatReport(clean, 'gitlab', options)), [])
})

t.test('SARIF is what the specification and GitHub want', async t => {
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(sarifSchema)
  const text = formatReport(await report(), 'sarif', options)
  t.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors))
  const { results } = JSON.parse(text).runs[0]
  t.equal(results[0].locations[0].physicalLocation.artifactLocation.uri, 'a%20b/web%25%2C%3A.yaml')
  const hashes = results.map(
    (result: { partialFingerprints: { primaryLocationLineHash: string } }) =>
      result.partialFingerprints.primaryLocationLineHash,
  )
  t.equal(new Set(hashes).size, hashes.length)
})

const prints = async (text: string): Promise<readonly string[]> =>
  (await scanned({ 'a.yaml': text }, tags)).report.rows.map(({ fingerprint }) => fingerprint)

t.test('fingerprints stay while tags and lines change', async t => {
  const text = files['a b/web%,:.yaml']
  const before = await prints(text)
  t.strictSame(await prints(`# another line\n${text.replace('1.25.1', '1.25.2')}`), before)
  const other = await prints(text.replace('name: web,', 'name: other,'))
  t.not(other[0], before[0])
  const twice = await prints(
    'images: [{name: a, newTag: v1}, {name: a, newTag: v1}]\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
  )
  t.equal(new Set(twice).size, 2)
})

t.test('at most as many results as GitHub takes', async t => {
  const { report: judged } = await scanned({ 'values.yaml': 'image: nginx:1.25.1\n' }, tags)
  const [row] = judged.rows
  const rows = row === undefined ? [] : Array.from({ length: 25_001 }, () => row)
  const text = formatReport({ ...judged, rows }, 'sarif', options)
  t.equal(JSON.parse(text).runs[0].results.length, 25_000)
})
