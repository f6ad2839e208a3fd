/** The manifests as the chart says them now, formatted like all files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { chartFolder, renderChart } from './helm-template.ts'
import {
  annotationValues,
  managedValues,
  manifestFiles,
  manifestValues,
  type ManifestFile,
} from './rendered-manifests.ts'

/** Renders the chart, and resolves to the files of manifests/ that are made from it. */
export async function currentManifests(): Promise<readonly ManifestFile[]> {
  const options = await resolveConfig(import.meta.filename)
  const rendered = manifestFiles({
    usual: renderChart(manifestValues),
    withAnnotations: renderChart(annotationValues),
    managed: renderChart(managedValues),
  })
  const formatted = rendered.map(async ({ path, text }) => ({
    path,
    text: await format(text, { ...options, parser: 'yaml' }),
  }))
  const dashboard = readFileSync(join(chartFolder, 'files/dashboard.json'), 'utf8')
  return [...(await Promise.all(formatted)), { path: 'monitoring/dashboard.json', text: dashboard }]
}
