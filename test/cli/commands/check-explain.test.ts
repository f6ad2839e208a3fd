import t from 'tap'
import { run } from '../run.ts'

function explained(image: string, tags: string, ...options: readonly string[]) {
  return run(['check', image, '--explain', '--tags-from', '-', ...options], {
    '-': tags.replaceAll(' ', '\n'),
  })
}

const rows: readonly (readonly [image: string, tags: string, taught: readonly string[]])[] = [
  [
    'nodered/node-red:4.0.8-18',
    '4.0.8-18 4.0.8-20 4.0.9-18 4.0.9-20',
    ['  -#: 18, 20 (4 tags): a choice, must be equal: the same ones stand side by side at 2 versions'],
  ],
  [
    'app:1.4.0-3.9',
    '1.4.0-3.9 1.4.0-3.10 1.4.0-3.11',
    ['  -#: 3.9, 3.10, 3.11 (3 tags): undecided: must be equal: nothing tells that they count up'],
  ],
  [
    'rancher/agent:v1.24.13-rancher1',
    'v1.24.13-rancher1 v1.24.13-rancher2 v1.24.17-rancher1',
    [
      '  -rancher#: rancher1, rancher2 (3 tags): a revision, the highest is newest: they count up within a version, from the bottom at 1 version',
    ],
  ],
  [
    'spark:3.3.5-3.4.0',
    '3.3.5-3.4.0 3.3.7-3.5.0',
    [
      '  -#: 3.4.0, 3.5.0 (2 tags): a revision, the highest is newest: a version that moves along with the version before it',
    ],
  ],
  [
    'plex:1.43.1-pkg-1e34174b1',
    '1.43.1-pkg-1e34174b1 1.43.3-pkg-cb3ebc72d 1.43.0-slim',
    ['  "pkg" stands only before commits, and says nothing'],
  ],
  ['drupal:7.87', '7 7.87 7.103', ['  in 7 the second number counts patches']],
  // of other places of the list nothing is said
  ['app:1.0.0', '1.0.0 1.0.1 1.0.0-18 1.0.0-20', []],
]

t.test('what the tags teach of the places in a tag stands before what was not chosen', async t => {
  for (const [image, tags, taught] of rows) {
    const { out, code } = await explained(image, tags)
    const [first = '', ...lines] = out.split('\n\n').at(-1)?.split('\n') ?? []
    t.ok(code === 0 || code === 2, image)
    t.match(first, new RegExp(`^${image.replaceAll('.', '\\.')}: .*not chosen$`))
    t.strictSame(lines.slice(0, taught.length), taught, image)
    t.match(lines[taught.length] ?? '', /^( {2}[a-z-]+: .*)?$/, `${image}: then the tags`)
  }
})

t.test('the same as JSON, and nothing without --explain', async t => {
  const [image, tags] = ['app:1.0.0-18', '1.0.0-18 1.0.0-20']
  const { taught } = JSON.parse((await explained(image, tags, '-o', 'json')).out)
  t.strictSame(taught, {
    places: [
      {
        place: '-#',
        role: 'undecided',
        tags: 2,
        examples: ['-18', '-20'],
        because: 'nothing tells that they count up',
      },
    ],
    remarks: [],
  })
  const short = await run(['check', image, '--tags-from', '-', '-o', 'json'], {
    '-': tags.replace(' ', '\n'),
  })
  t.notOk(short.out.includes('taught'))
})
