import t from 'tap'
import { foundIn, readOne } from '../found.ts'

const rows: readonly (readonly [name: string, text: string, found: readonly string[]])[] = [
  ['plain', 'FROM nginx:1.25.1\n', ['1:6 nginx:1.25.1 (stage 0) 1.25.1']],
  [
    'in small letters, indented, without a line break',
    '  from nginx:1 as web',
    ['1:8 nginx:1 (stage web) 1'],
  ],
  ['a platform', 'FROM --platform=$BUILDPLATFORM nginx:1\n', ['1:32 nginx:1 (stage 0) 1']],
  [
    'scratch and stages are no images',
    'FROM a:1 AS Base\nFROM scratch\nFROM base\nFROM b:2\n',
    ['1:6 a:1 (stage Base) 1', '4:6 b:2 (stage 3) 2'],
  ],
  ['a default of ARG', 'ARG V=1.25.1\nFROM nginx:${V}\n', ['2:6 nginx:1.25.1 (stage 0) 1.25.1']],
  [
    'a default in quotes, without braces',
    'ARG V="1.25"\nFROM "nginx:$V-alpine"\n',
    ['2:7 nginx:1.25-alpine (stage 0) -'],
  ],
  ['ARG of ARG', 'ARG R=r.io\nARG IMAGE=$R/a:1\nFROM $IMAGE\n', ['3:6 r.io/a:1 (stage 0) 1']],
  ['several of one ARG', 'ARG A=1 B=a:2\nFROM ${B}\n', ['2:6 a:2 (stage 0) 2']],
  ['a default where it is used', 'ARG V\nFROM nginx:${V:-1.2}\n', ['2:6 nginx:1.2 (stage 0) 1.2']],
  [
    'an ARG of a stage does not count',
    'FROM a:1\nARG V=2\nFROM b:${V:-3}\n',
    ['1:6 a:1 (stage 0) 1', '3:6 b:3 (stage 1) 3'],
  ],
  [
    'continued lines, with a comment between',
    'FROM \\\n# why\n  nginx:1.25.1 \\\n  AS web\nFROM a:\\\n1\n',
    ['3:3 nginx:1.25.1 (stage web) 1.25.1', '5:6 a:1 (stage 1) -'],
  ],
  [
    'the escape directive',
    '# escape=`\nFROM a:1\nRUN dir `\n  FROM x\nFROM b:2\n',
    ['2:6 a:1 (stage 0) 1', '5:6 b:2 (stage 1) 2'],
  ],
  [
    'the syntax directive',
    '# syntax=docker/dockerfile:1.7\nFROM a:1\n',
    ['1:10 docker/dockerfile:1.7 (syntax) 1.7', '2:6 a:1 (stage 0) 1'],
  ],
  [
    'here-documents',
    'FROM a:1\nRUN <<EOF <<-"TWO"\nFROM b:2\nEOF\n\tFROM c:3\n\tTWO\nFROM d:4\n',
    ['1:6 a:1 (stage 0) 1', '7:6 d:4 (stage 1) 4'],
  ],
  ['a here-document without an end', 'FROM a:1\nRUN <<EOF\nFROM b:2\n', ['1:6 a:1 (stage 0) 1']],
  [
    'COPY --from',
    'FROM a:1 AS s\nCOPY --chown=1 --from=b:2 /a /b\nCOPY --from=s /a /b\nCOPY --from=0 /a /b\n',
    ['1:6 a:1 (stage s) 1', '2:23 b:2 (stage s, from) 2'],
  ],
  [
    'RUN --mount',
    'FROM a:1\nRUN --mount=type=bind,from=b:2,target=/x echo --mount=from=c:3\n',
    ['1:6 a:1 (stage 0) 1', '2:28 b:2 (stage 0, from) 2'],
  ],
  ['CRLF and BOM', '\uFEFFFROM a:1\r\nFROM b:2\r\n', ['1:7 a:1 (stage 0) 1', '2:6 b:2 (stage 1) 2']],
  ['nothing', '', []],
]

t.test('the images of Dockerfiles, each with its place', async t => {
  for (const [name, text, found] of rows) t.strictSame(foundIn('Dockerfile', text), found, name)
})

t.test('the names of Dockerfiles', async t => {
  for (const path of ['Dockerfile', 'a/Dockerfile.dev', 'a/web.Dockerfile', 'Containerfile', 'a/dockerfile'])
    t.equal(foundIn(path, 'FROM a:1\n', { isNamed: false }).length, 1, path)
  t.strictSame(foundIn('a/Dockerfile.md.txt/x', 'FROM a:1\n', { isNamed: false }), [])
  t.equal(foundIn('build.txt', '# x\nARG A=1\nFROM a:1\n').length, 1, 'one that a person names may have any')
})

t.test('a variable without a default is told', async t => {
  const { images, notes } = readOne('Dockerfile', 'ARG V\nFROM nginx:$V\nFROM a:1\n')
  t.equal(images.length, 1)
  t.strictSame(notes, ['Dockerfile:2: stage 0: V has no default, so the image is not known'])
})
