import { array, assert, constantFrom, integer, property, record, stringMatching } from 'fast-check'
import t from 'tap'
import { textLines } from '../../../src/scan/document/text-lines.ts'
import { parseYamlText } from '../../../src/scan/document/yaml-document.ts'
import { readOne } from '../found.ts'

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

// Each ends, quickly, with documents or with a reason that does not quote it.
const hostile: readonly (readonly [name: string, text: string, problem: string | undefined])[] = [
  ['a line of 7 MiB', `a: ${'x'.repeat(7 << 20)}`, undefined],
  ['a quoted line of 7 MiB', `a: "${'x'.repeat(7 << 20)}"`, undefined],
  ['open lists', '['.repeat(100_000), 'nested too deeply'],
  ['closed lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'nested too deeply'],
  ['nested mappings', many(3000, at => `${' '.repeat(at)}a:`), 'nested too deeply'],
  [
    'a billion laughs',
    `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${many(30, at => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`)}`,
    undefined,
  ],
  [
    'a billion laughs by merging',
    `a0: &a0 {x: 1}\n${many(300, at => `a${at + 1}: &a${at + 1} {k${at}: 1, <<: [*a${at}, *a${at}, *a${at}]}`)}`,
    undefined,
  ],
  ['a mapping in itself', 'a: &a {b: *a, <<: *a}', undefined],
  ['an alias without an anchor', 'a: *b', undefined],
  ['many repeated keys', many(20_000, () => 'a: 1'), undefined],
  ['tabs', 'a:\n\tb: 1\n', 'tab as indent'],
  ['binary', '\0\u0001\u0002', undefined],
  ['prototypes', '__proto__: {x: 1}\nconstructor: 2\n', undefined],
  ['nothing', '', undefined],
  ['only a mark', '\uFEFF', undefined],
]

t.test('hostile documents end, and are told', async t => {
  for (const [name, text, problem] of hostile) {
    const { problems } = parseYamlText(text)
    if (problem === undefined) t.ok(problems.length <= 1, name)
    else t.equal(problems[0]?.message, problem, name)
  }
  t.equal(Object.hasOwn({}, 'x'), false)
})

t.test('values with many aliases are looked at once', async t => {
  const [, bomb = ''] = hostile.find(([name]) => name === 'a billion laughs') ?? []
  const { images } = readOne('values.yaml', `${bomb}\nimage: a:v1\n`)
  t.equal(images.length, 1)
})

t.test('lines as YAML counts them', async t => {
  const lines = textLines('a\r\nb\rc\n')
  t.equal(lines.count, 4)
  const ends = [0, 1, 2, 3, 4, 5, 6, 7].map(offset => lines.positionOf(offset))
  t.strictSame(
    ends.map(({ line, column }) => `${line}:${column}`),
    ['1:1', '1:2', '1:3', '2:1', '2:2', '3:1', '3:2', '4:1'],
  )
  t.strictSame(
    [0, 1, 2, 3, 4, 5].map(line => lines.line(line)),
    ['', 'a', 'b', 'c', '', ''],
  )
})

const word = stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const tag = stringMatching(/^v?[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3}(-[a-z]{1,5})?$/)
const comment = constantFrom('', ' # why', ' # "quoted": é€😀', ' #')
const quote = constantFrom('', '"', "'")
const lineBreak = constantFrom('\n', '\r\n')
const container = record({
  name: word,
  repository: word,
  tag,
  quote,
  comment,
  indent: integer({ min: 0, max: 3 }),
})

/** A pod as text, with the images that it has. */
const pods = record({
  containers: array(container, { minLength: 1, maxLength: 5 }),
  lineBreak,
  mark: constantFrom('', '\uFEFF'),
  head: comment,
}).map(({ containers, lineBreak: end, mark, head }) => {
  const items = containers.flatMap(one => [
    `${' '.repeat(4)}- name: ${one.name}x${one.comment}`,
    `${' '.repeat(6)}image:${' '.repeat(one.indent + 1)}${one.quote}${one.repository}:${one.tag}${one.quote}${one.comment}`,
  ])
  const text = [head.trim(), 'apiVersion: v1', 'kind: Pod', 'spec:', '  containers:', ...items, ''].join(end)
  return {
    text: `${mark}${text}`,
    images: containers.map(one => `${one.repository}:${one.tag}`),
    tags: containers.map(one => one.tag),
  }
})

t.test('places have exactly the text of the image and of its tag', async t => {
  assert(
    property(pods, ({ text, images, tags }) => {
      const found = readOne('a.yaml', text).images
      const lines = textLines(text)
      const cut = (span: { start: number; end: number } | undefined): string =>
        span === undefined ? '' : text.slice(span.start, span.end)
      return (
        found.map(one => cut(one.found.span)).join() === images.join() &&
        found.map(one => cut(one.found.tag)).join() === tags.join() &&
        found.every(({ position, found: { image } }) =>
          lines
            .line(position.line)
            .slice(position.column - 1)
            .startsWith(image),
        )
      )
    }),
  )
  t.pass()
})
