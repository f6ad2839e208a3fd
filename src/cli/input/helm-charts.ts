import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import {
  chartImages,
  readFiles,
  standardInput,
  type FilesReading,
  type GivenFile,
  type LocatedImage,
} from '../../scan/index.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { readText, scanLimits, type ScannedChart } from './scanned-files.ts'

// A chart that takes longer asks something of the network, which a template must not.
const longestRendering = 30_000

/** How charts are rendered. */
export interface ChartOptions {
  readonly root: string
  readonly terminal: Pick<Terminal, 'environment'>
  readonly kindOf: Parameters<typeof readFiles>[1]['kindOf']
}

/** What the images of charts are once Helm has rendered them, and the templates that were looked into. */
export interface ChartsReading {
  readonly images: readonly LocatedImage[]
  readonly notes: readonly string[]
  /** Templates that name images themselves. */
  readonly files: readonly GivenFile[]
}

/** Renders charts by `helm template`, each with its own values, and puts what came out in the place of the images of their values. */
export function renderCharts(
  charts: readonly ScannedChart[],
  reading: Pick<FilesReading, 'images'>,
  options: ChartOptions,
): ChartsReading {
  let { images } = reading
  const notes: string[] = []
  const files = new Map<string, GivenFile>()
  const helm = charts.length === 0 ? undefined : programOnPath('helm', options.terminal)
  for (const chart of charts) {
    const output = helm === undefined ? { problem: 'helm is not on the PATH' } : render(helm, chart, options)
    if ('problem' in output) {
      notes.push(`${chart.path}: only its values are read: ${output.problem}`)
      continue
    }
    const given = { path: standardInput, text: output.text, isNamed: true }
    const { images: rendered } = readFiles([given], options)
    const own = images.filter(({ file }) => file === valuesOf(chart))
    const templateText = (path: string): string | undefined => {
      const read = readText(resolve(options.root, path), scanLimits.fileBytes)
      if (!('text' in read)) return undefined
      files.set(path, { path, text: read.text, isNamed: false })
      return read.text
    }
    const others = images.filter(({ file }) => file !== valuesOf(chart))
    images = [...others, ...chartImages({ path: chart.path, values: own, rendered, templateText })]
  }
  return { images, notes, files: [...files.values()] }
}

function valuesOf({ path }: ScannedChart): string {
  return path === '.' ? 'values.yaml' : `${path}/values.yaml`
}

function programOnPath(name: string, { environment }: ChartOptions['terminal']): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// Without a kubeconfig: a chart of a pull request must not look into a cluster.
function render(
  helm: string,
  { folder }: ScannedChart,
  { terminal: { environment } }: ChartOptions,
): { readonly text: string } | { readonly problem: string } {
  const { status, stdout, stderr, error } = spawnSync(helm, ['template', 'release', folder], {
    encoding: 'utf8',
    timeout: longestRendering,
    maxBuffer: scanLimits.fileBytes,
    env: { PATH: environment['PATH'] ?? '', HOME: environment['HOME'] ?? '', KUBECONFIG: '/dev/null' },
  })
  if (error !== undefined) return { problem: `helm template: ${error.message}` }
  if (status !== 0) return { problem: `helm template: ${stderr.trim().split('\n', 1)[0] ?? ''}` }
  return { text: stdout }
}
