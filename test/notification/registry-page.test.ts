import t from 'tap'
import { parseReference } from '../../src/image/index.ts'
import { registryPage } from '../../src/notification/registry-page.ts'

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

t.test('nothing but the characters of a repository gets into an address', async t => {
  for (const repository of ['acme/"><x', 'acme/web|x', 'acme/we b', 'acme/web>'])
    t.equal(registryPage({ registry: 'ghcr.io', repository }), undefined)
})
