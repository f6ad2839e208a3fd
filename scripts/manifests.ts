/** Writes manifests/ from the chart: `npm run manifests`. Needs helm (scripts/install-cluster-tools.sh clients). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentManifests } from './chart/current-manifests.ts'

const folder = join(import.meta.dirname, '../manifests')
for (const { path, text } of await currentManifests()) writeFileSync(join(folder, path), text)
