import { array, assert, constantFrom, property, tuple } from 'fast-check'
import t from 'tap'
import { parseReference } from '../../../src/image/index.ts'
import { matchesImage, parseImagePattern } from '../../../src/policy/match/image-pattern.ts'

function matches(pattern: string, image: string): boolean {
  const parsed = parseImagePattern(pattern)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return matchesImage(parsed, parseReference(image))
}

t.test('which images a pattern means', async t => {
  const rows: [pattern: string, images: string[], others: string[]][] = [
    [
      'nginx',
      ['nginx', 'nginx:1.25', 'docker.io/library/nginx'],
      ['nginx-extra', 'team/nginx', 'quay.io/nginx'],
    ],
    ['docker.io/nginx', ['nginx'], ['docker.io/team/nginx']],
    ['index.docker.io/library/nginx', ['nginx'], ['quay.io/library/nginx']],
    ['library/*', ['nginx', 'redis:7'], ['team/app', 'ghcr.io/library/app']],
    ['docker.io/**', ['nginx', 'team/app'], ['ghcr.io/team/app']],
    ['ghcr.io/team/*', ['ghcr.io/team/app'], ['ghcr.io/team/app/worker', 'ghcr.io/team2/app']],
    [
      'ghcr.io/team/**',
      ['ghcr.io/team/app', 'ghcr.io/team/app/worker'],
      ['ghcr.io/team', 'ghcr.io/teams/app'],
    ],
    ['ghcr.io/team/app-*', ['ghcr.io/team/app-web'], ['ghcr.io/team/app']],
    ['**/nginx', ['nginx', 'quay.io/a/b/nginx', 'localhost:5000/nginx'], ['nginx-extra', 'quay.io/nginx/x']],
    ['**/bitnami/**', ['bitnami/kafka', 'quay.io/x/bitnami/a/b'], ['bitnami', 'quay.io/bitnamilegacy/x']],
    ['**', ['nginx', 'quay.io/a/b'], []],
    [
      '*.example.com/**',
      ['r.example.com/a', 'a.b.example.com/x/y'],
      ['example.com/a', 'r.example.com.evil.org/a'],
    ],
    ['registry.example.com:5000/app', ['registry.example.com:5000/app'], ['registry.example.com/app']],
    ['registry.example.com:443/app', ['registry.example.com/app'], []],
    ['nginx:1.25.1', ['nginx:1.25.1', `nginx:1.25.1@sha256:${'a'.repeat(64)}`], ['nginx:1.25.10', 'nginx']],
    ['nginx:1.25.*', ['nginx:1.25.1', 'nginx:1.25.1-alpine'], ['nginx:1.251', 'nginx:1.26.0']],
    ['nginx:latest', ['nginx', 'nginx:latest'], [`nginx@sha256:${'a'.repeat(64)}`]],
    ['nginx:*-alpine', ['nginx:1.25.1-alpine'], ['nginx:1.25.1-alpine3.19']],
  ]
  for (const [pattern, images, others] of rows) {
    for (const image of images) t.ok(matches(pattern, image), `${pattern} means ${image}`)
    for (const image of others) t.notOk(matches(pattern, image), `${pattern} does not mean ${image}`)
  }
})

t.test('what is no pattern', async t => {
  const rows: [string, string][] = [
    [`nginx@sha256:${'a'.repeat(64)}`, 'a pattern has no digest'],
    ['Nginx', 'the repository must be lower case'],
    ['ghcr.io/Team/app', 'the repository must be lower case'],
    ['ghcr.io', 'it names no repository'],
    ['ghcr.io/', 'a part of the repository is empty'],
    ['ghcr.io//app', 'a part of the repository is empty'],
    ['', 'a part of the repository is empty'],
    ['ghcr.io/**/app', '** stands for whole parts: as the first or as the last one'],
    ['ghcr.io/a**', '** stands for whole parts: as the first or as the last one'],
    ['nginx:', 'behind the colon no tag follows'],
    ['nginx:1.25 ', 'behind the colon no tag follows'],
    ['https://nginx', 'https: is no host of a registry'],
    ['a b', 'a b is no part of a repository'],
  ]
  for (const [text, problem] of rows) t.strictSame(parseImagePattern(text), { problem }, text)
})

t.test('a pattern without wildcards means exactly its own repository', async () => {
  const part = constantFrom('a', 'b', 'nginx', 'library', 'x-y')
  const host = constantFrom('', 'docker.io/', 'quay.io/', 'localhost:5000/')
  const name = tuple(host, array(part, { minLength: 1, maxLength: 3 })).map(
    ([registry, parts]) => registry + parts.join('/'),
  )
  assert(
    property(name, name, (one, other) => {
      const [left, right] = [parseReference(one), parseReference(other)]
      const isSame = left.registry === right.registry && left.repository === right.repository
      return matches(one, other) === isSame
    }),
  )
})
