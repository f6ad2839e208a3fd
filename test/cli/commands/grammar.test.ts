import t from 'tap'
import { run } from '../run.ts'

const tags = ['4.0', '4.0.8-18', '4.0.8-20', '4.0.9-18', '4.0.9-20', '4.0.9-pkg-0ab4c58f', 'latest'].join(
  '\n',
)
const fromFile = ['--tags-from', 'tags.txt'] as const

t.test('what the tags of a file teach', async t => {
  t.strictSame(await run(['grammar', 'nodered/node-red', ...fromFile], { 'tags.txt': tags }), {
    code: 0,
    err: '',
    out: [
      'nodered/node-red: 7 tags\n',
      '  -#: 18, 20 (4 tags): a choice, must be equal: the same ones stand side by side at 2 versions\n',
      '  "pkg" stands only before commits, and says nothing\n',
    ].join(''),
  })
  const short = await run(['grammar', 'a', ...fromFile], { 'tags.txt': '1.0.0-18\n1.0.0-20\n' })
  t.equal(
    short.out,
    'a: 2 tags\n  -#: 18, 20 (2 tags): undecided: must be equal: nothing tells that they count up\n',
  )
  const { out } = await run(['grammar', 'a:1', ...fromFile, '-o', 'json'], { 'tags.txt': tags })
  t.match(JSON.parse(out), { places: [{ place: '-#', role: 'choice', tags: 4 }], remarks: [/pkg/] })
})

t.test('a list that teaches nothing, and what is no repository', async t => {
  const { code, out } = await run(['grammar', 'a', ...fromFile], { 'tags.txt': '1.0.0\n1.0.1\n' })
  t.equal(code, 0)
  t.equal(out, 'a: 2 tags\n  there is no number behind a version whose meaning had to be learned\n')
  const wrong = await run(['grammar', 'A!', ...fromFile], { 'tags.txt': tags })
  t.equal(wrong.code, 1)
  t.match(wrong.err, /A!/)
})

t.test('how many tags a scheme reads', async t => {
  const files = {
    'tags.txt': 'x1y\nx3y\n1.2.3\n',
    'patchline.yaml': `schemes: [{ images: [a], pattern: 'x(?P<patch>[0-9]+)y' }]`,
  }
  const { out } = await run(['grammar', 'a', ...fromFile, '-c', 'patchline.yaml'], files)
  t.equal(out, 'a: 3 tags\n  2 of 3 tags are read by a scheme, whatever is learned\n')
})

t.test('lines that are no tags, and a registry that is not there', async t => {
  const commas = await run(['grammar', 'a', ...fromFile], { 'tags.txt': '1.0.0,1.0.1\n1.0.2\n' })
  t.equal(
    commas.err,
    'patchline: --tags-from tags.txt: 1 line of 2 can be no tags ("1.0.0,1.0.1"): it takes one tag a line\n',
  )
  const { code, err } = await run(['grammar', 'localhost:1/a', '--insecure-registry', 'localhost:1'])
  t.equal(code, 3)
  t.match(err, /^patchline: the tags of localhost:1\/a cannot be had: /)
})
