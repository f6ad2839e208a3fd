import t from 'tap'
import { parseReference, registryPage } from '../../src/image/index.ts'

const rows: readonly (readonly [image: string, page: string | undefined])[] = [
  ['nginx:1.25.1', 'https://hub.docker.com/_/nginx/tags'],
  ['docker.io/bitnami/redis:7', 'https://hub.docker.com/r/bitnami/redis/tags'],
  ['docker.io/a/b/c:1', undefined],
  ['quay.io/prometheus/node-exporter:v1.8.0', 'https://quay.io/repository/prometheus/node-exporter?tab=tags'],
  ['ghcr.io/acme/migrate:2.0.0', 'https://ghcr.io/acme/migrate'],
  ['registry.gitlab.com/acme/web:1.0.0', 'https://gitlab.com/acme/web/container_registry'],
  ['registry.gitlab.com/acme/shop/web:1.0.0', undefined],
  ['public.ecr.aws/nginx/nginx:1.25', 'https://gallery.ecr.aws/nginx/nginx'],
  ['registry.acme.test/web:1.0.0', undefined],
  ['docker.io.acme.test/web:1.0.0', undefined],
]

for (const [image, page] of rows) t.test(image, async t => t.equal(registryPage(parseReference(image)), page))

t.test('a registry that can show one tag is asked to', async t => {
  const tagged: readonly (readonly [image: string, page: string | undefined])[] = [
    ['nginx:1.25.1', 'https://hub.docker.com/_/nginx/tags?name=1.25.5'],
    ['bitnami/redis:7', 'https://hub.docker.com/r/bitnami/redis/tags?name=1.25.5'],
    ['quay.io/a/b:1', 'https://quay.io/repository/a/b?tab=tags&tag=1.25.5'],
    ['ghcr.io/a/b:1', 'https://ghcr.io/a/b'],
    ['registry.acme.test/web:1.0.0', undefined],
  ]
  for (const [image, page] of tagged) t.equal(registryPage(parseReference(image), '1.25.5'), page, image)
  for (const tag of ['', '-1', '1&x=y', '1|x', '1 2', '1>', 'x'.repeat(129)])
    t.equal(registryPage(parseReference('nginx'), tag), 'https://hub.docker.com/_/nginx/tags', tag)
})

t.test('nothing but the characters of a repository gets into an address', async t => {
  for (const repository of ['acme/"><x', 'acme/web|x', 'acme/we b', 'acme/web>'])
    t.equal(registryPage({ registry: 'ghcr.io', repository }), undefined)
})
