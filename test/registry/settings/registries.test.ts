import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'

import { publicRegistries } from '../../../src/registry/settings/built-in.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'

const registries = createRegistries([
  ...publicRegistries,
  { host: 'docker.io', aliases: ['mirror.local/docker-hub', 'old-mirror.local'] },
  { host: 'mirror.local' },
  { host: 'ghcr.io', prefix: 'acme', aliases: ['registry.acme.example', 'registry.acme.example/docker'] },
  { host: 'registry.acme.example', prefix: 'own' },
  { host: 'new.example', prefix: 'team/app', aliases: ['old.example/team/application'] },
])

t.test('where the tags really are', t => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['mirror.local', 'docker-hub/library/nginx', 'docker.io/library/nginx'],
    ['mirror.local', 'docker-hub/nginx', 'docker.io/library/nginx'],
    ['mirror.local', 'docker-hub/grafana/grafana', 'docker.io/grafana/grafana'],
    ['mirror.local', 'docker-hub', 'mirror.local/docker-hub'],
    ['mirror.local', 'docker-hubs/nginx', 'mirror.local/docker-hubs/nginx'],
    ['mirror.local', 'x/docker-hub/nginx', 'mirror.local/x/docker-hub/nginx'],
    ['old-mirror.local', 'nginx', 'docker.io/library/nginx'],
    ['k8s.gcr.io', 'pause', 'registry.k8s.io/pause'],
    ['k8s.gcr.io', 'ingress-nginx/controller', 'registry.k8s.io/ingress-nginx/controller'],
    ['registry.acme.example', 'app', 'ghcr.io/acme/app'],
    ['registry.acme.example', 'docker/app', 'ghcr.io/acme/app'],
    ['registry.acme.example', 'own/app', 'registry.acme.example/own/app'],
    ['old.example', 'team/application', 'new.example/team/app'],
    ['old.example', 'team/application/worker', 'new.example/team/app/worker'],
    ['docker.io', 'library/nginx', 'docker.io/library/nginx'],
    ['elsewhere.example', 'a/b', 'elsewhere.example/a/b'],
  ]
  for (const [registry, repository, expected] of rows) {
    const located = registries.locate({ registry, repository })
    t.equal(`${located.registry}/${located.repository}`, expected, `${registry}/${repository}`)
  }
  t.end()
})

t.test('a registry that is named overrules a built-in alias', t => {
  const own = createRegistries([...publicRegistries, { host: 'k8s.gcr.io' }])
  t.same(own.locate({ registry: 'k8s.gcr.io', repository: 'pause' }), {
    registry: 'k8s.gcr.io',
    repository: 'pause',
  })
  t.end()
})

t.test('two aliases that lead to each other end after one step', t => {
  const loop = createRegistries([
    { host: 'a.example', prefix: 'x', aliases: ['b.example/y'] },
    { host: 'b.example', prefix: 'y/z', aliases: ['a.example/x/z'] },
  ])
  t.same(loop.locate({ registry: 'b.example', repository: 'y/q' }), {
    registry: 'a.example',
    repository: 'x/q',
  })
  t.same(loop.locate({ registry: 'a.example', repository: 'x/z/q' }), {
    registry: 'b.example',
    repository: 'y/z/q',
  })
  t.end()
})

t.test('an alias stands in one place', t => {
  const settings = [
    { host: 'a.example', aliases: ['m.example/x'] },
    { host: 'b.example', aliases: ['M.example:443/x'] },
  ]
  t.throws(() => createRegistries(settings), {
    name: 'RegistrySettingsError',
    message: 'registries: "b.example": the alias m.example/x is one of a.example already',
  })
  t.end()
})

t.test('a name that would be too long stays where it is', t => {
  const long = createRegistries([{ host: 'a.example', prefix: 'p'.repeat(200), aliases: ['m.example'] }])
  const repository = { registry: 'm.example', repository: 'r'.repeat(100) }
  t.same(long.locate(repository), repository)
  t.end()
})

t.test('whatever the repository, one step suffices and the end of its path stays', t => {
  const part = constantFrom('docker-hub', 'own', 'docker', 'team', 'application', 'a', 'nginx', 'library')
  const host = constantFrom('mirror.local', 'registry.acme.example', 'old.example', 'k8s.gcr.io', 'docker.io')
  assert(
    property(host, array(part, { minLength: 1, maxLength: 5 }), (registry, parts) => {
      const located = registries.locate({ registry, repository: parts.join('/') })
      const again = registries.locate(located)
      const last = parts.at(-1) ?? ''
      // What is an alias as a whole has no end of its path that could stay.
      const isMoved = ['team/app', 'acme'].some(whole => located.repository.endsWith(whole))
      return again.repository === located.repository && (isMoved || located.repository.endsWith(last))
    }),
  )
  t.end()
})
