import t from 'tap'

import { publicRegistries } from '../../../src/registry/settings/built-in.ts'
import { createRegistries } from '../../../src/registry/settings/registries.ts'
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts'

t.test('what is built in is filled in', t => {
  const rows: readonly (readonly [RegistrySettings, object])[] = [
    [
      { host: 'docker.io' },
      {
        host: 'docker.io',
        origin: 'https://registry-1.docker.io',
        tokenHost: 'auth.docker.io',
        addresses: 'named',
        kind: 'docker-hub',
        apiUrl: 'https://hub.docker.com',
        prefix: '',
        name: 'docker.io',
      },
    ],
    [{ host: 'index.docker.io' }, { host: 'docker.io', origin: 'https://registry-1.docker.io' }],
    [
      { host: 'docker.io', endpoint: 'https://mirror.corp' },
      {
        host: 'docker.io',
        origin: 'https://mirror.corp',
        tokenHost: undefined,
        kind: 'oci',
        apiUrl: undefined,
      },
    ],
    [{ host: 'R.Example:443' }, { host: 'r.example', origin: 'https://r.example', insecure: false }],
    [
      { host: 'r.example:5000', insecure: true },
      { host: 'r.example:5000', origin: 'http://r.example:5000', insecure: true },
    ],
    [
      { host: 'localhost', insecure: true },
      { host: 'localhost', origin: 'http://localhost' },
    ],
    [{ host: '[::1]:5000' }, { host: '[::1]:5000', origin: 'https://[::1]:5000' }],
    [{ host: 'lscr.io' }, { host: 'lscr.io', origin: 'https://ghcr.io' }],
    [{ host: 'registry.k8s.io' }, { redirectSuffix: '-docker.pkg.dev' }],
    [{ host: 'registry-1.docker.io' }, { host: 'docker.io' }],
    [
      { host: 'quay.io', limits: { concurrency: 1 } },
      { kind: 'quay', limits: { requestsPerSecond: 5, burst: 2, pageSize: 100, concurrency: 1 } },
    ],
    [{ host: 'r.example' }, { kind: 'oci', limits: { pageSize: 1000, requestTimeout: undefined } }],
    [
      { host: 'ghcr.io', prefix: 'acme/team', kind: 'ghcr' },
      { host: 'ghcr.io', prefix: 'acme/team', name: 'ghcr.io/acme/team', origin: 'https://ghcr.io' },
    ],
    [
      {
        host: 'gitlab.corp:5050',
        kind: 'gitlab',
        apiUrl: 'https://gitlab.corp/git/',
        apiToken: 't',
        name: 'corp',
      },
      { name: 'corp', apiUrl: 'https://gitlab.corp/git', apiToken: 't' },
    ],
    [
      { host: 'registry.k8s.io', aliases: ['Old.Example:443/k8s'] },
      { aliases: ['k8s.gcr.io', 'old.example/k8s'] },
    ],
    [{ host: 'registry.k8s.io', prefix: 'ingress-nginx' }, { aliases: [] }],
    [{ host: 'r.example', tokenHost: 'Auth.Example:8443' }, { tokenHost: 'auth.example:8443' }],
  ]
  for (const [settings, expected] of rows) {
    const [registry] = createRegistries([settings]).all
    t.match(registry, expected, JSON.stringify(settings))
  }
  t.end()
})

t.test('of two with one host the later holds', t => {
  const credentials = { username: 'u', password: 'p' }
  const registries = createRegistries([...publicRegistries, { host: 'index.docker.io', credentials }])
  t.match(registries.find({ registry: 'docker.io', repository: 'library/nginx' }), {
    credentials,
    addresses: 'named',
    origin: 'https://registry-1.docker.io',
  })
  t.match(registries.find({ registry: 'ghcr.io', repository: 'acme/app' }), {
    credentials: undefined,
    addresses: 'public',
  })
  t.equal(registries.all.length, publicRegistries.length)
  t.end()
})

t.test('the longest prefix holds, part by part', t => {
  const registries = createRegistries([
    { host: 'r.example', prefix: 'acme/team' },
    { host: 'r.example', prefix: 'acme' },
    { host: 'ghcr.io' },
    { host: 'ghcr.io', prefix: 'acme' },
  ])
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['r.example', 'acme/team/app', 'r.example/acme/team'],
    ['r.example', 'acme/team', 'r.example/acme/team'],
    ['r.example', 'acme/teams/app', 'r.example/acme'],
    ['r.example', 'acme/app', 'r.example/acme'],
    ['r.example', 'acmes/app', undefined],
    ['r.example', 'other/acme', undefined],
    ['r.example:5000', 'acme/app', undefined],
    ['ghcr.io', 'acme/app', 'ghcr.io/acme'],
    ['ghcr.io', 'other/app', 'ghcr.io'],
    ['__proto__', 'a', undefined],
  ]
  for (const [registry, repository, name] of rows)
    t.equal(registries.find({ registry, repository })?.name, name, `${registry}/${repository}`)
  t.same(registries.hosts(), ['r.example', 'ghcr.io'])
  t.end()
})

t.test('a provider is made for the registry that names it', t => {
  const provider = { credentials: async () => ({ username: 'u', password: 'p' }) }
  const made: string[] = []
  const registries = createRegistries(
    [{ host: 'a.azurecr.io', provider: { kind: 'ecr' } }, { host: 'b.example' }],
    ({ kind }, { host }) => {
      made.push(`${kind} ${host}`)
      return provider
    },
  )
  t.same(made, ['ecr a.azurecr.io'])
  t.same(
    registries.all.map(registry => registry.provider),
    [provider, undefined],
  )
  t.end()
})

t.test('settings that contradict themselves', t => {
  const rows: readonly (readonly [RegistrySettings, string])[] = [
    [{ host: 'registry' }, 'registries: "registry": this is not a host as in image references'],
    [{ host: '' }, 'registries: "": this is not a host as in image references'],
    [{ host: 'ghcr.io/org' }, 'registries: "ghcr.io/org": this is not a host as in image references'],
    [{ host: 'https://ghcr.io' }, 'registries: "https://ghcr.io": this is not a host as in image references'],
    [
      { host: 'a.b', endpoint: 'nonsense' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'https://c.d/v2' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'https://u:p@c.d' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'http://c.d' },
      'registries: "a.b": the endpoint must be https, or insecure must be true',
    ],
    [
      { host: 'a.b', endpoint: 'ftp://c.d', insecure: true },
      'registries: "a.b": the endpoint must be https, or insecure must be true',
    ],
    [
      { host: 'a.b:99999' },
      'registries: "a.b:99999": the endpoint must be scheme://host or scheme://host:port',
    ],
    [{ host: '1.2.3.4', addresses: 'public' }, 'registries: "1.2.3.4": an address is not a public name'],
    [{ host: '[::1]', addresses: 'public' }, 'registries: "[::1]": an address is not a public name'],
    [
      { host: 'a.b', prefix: '/x' },
      'registries: "a.b": the prefix "/x" is not the start of a repository path (team, team/project)',
    ],
    [
      { host: 'a.b', prefix: 'Team' },
      'registries: "a.b": the prefix "Team" is not the start of a repository path (team, team/project)',
    ],
    [
      { host: 'a.b', prefix: 'x:1' },
      'registries: "a.b": the prefix "x:1" is not the start of a repository path (team, team/project)',
    ],
    [
      { host: 'a.b', aliases: ['nothost/x'] },
      'registries: "a.b": the alias "nothost/x" is neither a host nor a host with a path, as in image references',
    ],
    [
      { host: 'a.b', aliases: ['c.d/'] },
      'registries: "a.b": the alias "c.d/" is neither a host nor a host with a path, as in image references',
    ],
    [
      { host: 'a.b', kind: 'docker-hub' },
      'registries: "a.b": kind docker-hub needs apiUrl: where its API is',
    ],
    [
      { host: 'a.b', kind: 'gitlab', apiToken: 't' },
      'registries: "a.b": kind gitlab needs apiUrl: where its API is',
    ],
    [
      { host: 'a.b', apiUrl: 'http://c.d' },
      'registries: "a.b": apiUrl must be https, or insecure must be true',
    ],
    [
      { host: 'a.b', apiUrl: 'https://u:p@c.d' },
      'registries: "a.b": apiUrl must be scheme://host, with a path if need be',
    ],
    [
      { host: 'a.b', apiUrl: 'https://c.d/x?y' },
      'registries: "a.b": apiUrl must be scheme://host, with a path if need be',
    ],
    [
      { host: 'a.b', dockerConfig: '{"au' },
      'registries: "a.b": its dockerConfigFile cannot be used: it is not JSON',
    ],
    [
      { host: 'a.b', dockerConfig: '{"auths":{"a.b":{"auth":"!!"},"c.d":{"auth":"dTpw"}}}' },
      'registries: "a.b": its dockerConfigFile cannot be used: the entry "a.b" has an auth that is not the base64 of name:password',
    ],
    [
      { host: 'a.b', dockerConfig: '{"auths":{"a.b":{}}}' },
      'registries: "a.b": its dockerConfigFile cannot be used: it holds no credentials',
    ],
    [
      { host: 'a.b', dockerConfig: '{"auths":{"a.b":{}},"credsStore":"desktop"}' },
      'registries: "a.b": its dockerConfigFile cannot be used: a credential helper keeps its credentials, and none is run here: put them under auths',
    ],
    [
      { host: 'a.b', provider: { kind: 'ecr' } },
      'registries: "a.b": credentials of a cloud cannot be had here',
    ],
  ]
  for (const [settings, message] of rows)
    t.throws(() => createRegistries([settings]), {
      name: 'RegistrySettingsError',
      code: 'invalid-registry-settings',
      message,
      host: settings.host,
    })
  t.throws(() => createRegistries([{ host: 'a.b' }, { host: 'c.d', name: 'a.b' }]), {
    message: 'registries: "c.d": the name "a.b" is taken',
  })
  t.end()
})

t.test('the public registries', t => {
  t.same(
    publicRegistries.map(({ host }) => host),
    [
      'docker.io',
      'ghcr.io',
      'quay.io',
      'registry.k8s.io',
      'gcr.io',
      'registry.gitlab.com',
      'public.ecr.aws',
      'mcr.microsoft.com',
      'cgr.dev',
      'registry.access.redhat.com',
      'registry.redhat.io',
      'docker.elastic.co',
      'nvcr.io',
      'lscr.io',
    ],
  )
  for (const { host, addresses, insecure, credentials } of publicRegistries)
    t.same(
      { addresses, insecure, credentials },
      { addresses: 'public', insecure: undefined, credentials: undefined },
      host,
    )
  t.end()
})
