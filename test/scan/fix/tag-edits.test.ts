import { array, assert, asyncProperty, constantFrom, record } from 'fast-check'
import t from 'tap'
import { applyEdits, planFile, unifiedDiff } from '../../../src/scan/index.ts'
import { scanned, type Tags } from '../report.ts'

const tags = {
  nginx: '1.25.1 1.25.2 1.25.5 1.25.1-alpine 1.25.3-alpine',
  redis: '7.2.1 7.2.3',
  odd: '1.1 1.19 1.20',
}

async function fixed(path: string, text: string, known: Tags = tags) {
  const { report } = await scanned({ [path]: text }, known)
  const { edits, left } = planFile(report.rows)
  return { text: applyEdits(text, edits), left: left.map(({ why }) => why), count: edits.length }
}

const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n'
const rows: readonly (readonly [path: string, before: string, after: string])[] = [
  [
    'values.yaml',
    '\uFEFF# é 😀\r\nimage:\r\n  repository:   nginx\r\n  tag:   "1.25.1"   # 1.25.1\r\n\r\n',
    '\uFEFF# é 😀\r\nimage:\r\n  repository:   nginx\r\n  tag:   "1.25.5"   # 1.25.1\r\n\r\n',
  ],
  ['values.yaml', 'image: nginx:1.25.1', 'image: nginx:1.25.5'],
  [
    'values.yaml',
    "a: {image: 'nginx:1.25.1-alpine'}\nb: {image: redis:7.2.3}\n",
    "a: {image: 'nginx:1.25.3-alpine'}\nb: {image: redis:7.2.3}\n",
  ],
  [
    'Dockerfile',
    'ARG V=1.25.1\nFROM nginx:$V\nFROM nginx:${V} AS b\n',
    'ARG V=1.25.5\nFROM nginx:$V\nFROM nginx:${V} AS b\n',
  ],
  [
    'compose.yaml',
    'services: {a: {image: "nginx:${V:-1.25.1}"}}\n',
    'services: {a: {image: "nginx:${V:-1.25.5}"}}\n',
  ],
  [
    'k.yaml',
    `${kustomization}- {name: nginx, newTag: 1.25.1}\n`,
    `${kustomization}- {name: nginx, newTag: 1.25.5}\n`,
  ],
]

t.test('nothing but the tag changes', async t => {
  for (const [path, before, after] of rows) {
    const once = await fixed(path, before)
    t.equal(once.text, after, before)
    t.strictSame(once.left, [])
    t.equal((await fixed(path, after)).count, 0, 'and the second time nothing')
  }
})

const digest = `sha256:${'a'.repeat(64)}`
const left: readonly (readonly [path: string, text: string, why: string])[] = [
  [
    'Dockerfile',
    'ARG V=1.25.1\nFROM nginx:$V\nFROM nginx:$V-alpine\n',
    'the file does not have the tag as text in one place',
  ],
  [
    'Dockerfile',
    'ARG V=7.2.1\nFROM redis:$V\nFROM gone:$V\n',
    'other images share this tag, and it is not the newest of theirs',
  ],
  [
    'values.yaml',
    'image: {repository: odd, tag: 1.19}\n',
    'the file does not have the tag as text in one place',
  ],
  ['values.yaml', `image: nginx:1.25.1@${digest}\n`, 'the digest of the newer tag is not known'],
  ['values.yaml', 'image: "ngin\\x78:1.25.1"\n', 'the file does not have the tag as text in one place'],
  [
    'k.yaml',
    `${kustomization}- {name: dated, newTag: 1.0a}\n`,
    'YAML would read 1.1 as a number: put the tag in quotes first',
  ],
]

t.test('what cannot be replaced is left, with its reason', async t => {
  for (const [path, text, why] of left) {
    const known = { ...tags, gone: '7.2.1', odd: '1.19 1.19.1', dated: '1.0a 1.1' }
    const outcome = await fixed(path, text, known)
    if (outcome.left.length === 0) t.equal(outcome.text, text, `${text}: nothing newer`)
    else t.ok(outcome.left.includes(why), `${text}: ${outcome.left.join('; ')}`)
  }
})

t.test('a unified diff', async t => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at + 1}\n`).join('')
  const after = before
    .replace('line 2\n', 'two\n')
    .replace('line 3\n', 'three\n')
    .replace('line 20\n', 'twenty\n')
  t.equal(
    unifiedDiff('a b.yaml', before, after),
    `--- a/a b.yaml\t
+++ b/a b.yaml\t
@@ -1,6 +1,6 @@
 line 1
-line 2
-line 3
+two
+three
 line 4
 line 5
 line 6
@@ -17,4 +17,4 @@
 line 17
 line 18
 line 19
-line 20
+twenty
`,
  )
  t.equal(unifiedDiff('a', 'x', 'x'), '')
  t.equal(
    unifiedDiff('a', 'x', 'y'),
    '--- a/a\n+++ b/a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n',
  )
})

const line = record({
  key: constantFrom('image', 'sidecarImage'),
  image: constantFrom(
    'nginx:1.25.1',
    'nginx:1.25.2',
    'redis:7.2.1',
    'redis:7.2.3',
    'none:1.0.0',
    'nginx:1.25.1-alpine',
    'nginx',
  ),
  quote: constantFrom('', '"', "'"),
  comment: constantFrom('', ' # nginx:1.25.1', ' # é😀'),
  end: constantFrom('\n', '\r\n', '\n\n'),
})

const mask = (of: string): string => of.replaceAll(/(?<=- \w+: ["']?(?:nginx|redis):)[\w.-]+/g, 'TAG')

t.test('a fix changes tags only, and a second one nothing', async t => {
  await assert(
    asyncProperty(
      array(line, { maxLength: 6 }),
      constantFrom('', '\uFEFF', '# x\r\n'),
      async (lines, head) => {
        const items = lines.map(
          one => `- ${one.key}: ${one.quote}${one.image}${one.quote}${one.comment}${one.end}`,
        )
        const text = `${head}extra:\n${items.join('')}`
        const once = await fixed('values.yaml', text)
        return mask(once.text) === mask(text) && (await fixed('values.yaml', once.text)).text === once.text
      },
    ),
    { numRuns: 60 },
  )
  t.pass()
})
