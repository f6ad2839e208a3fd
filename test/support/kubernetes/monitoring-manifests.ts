import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const monitoringFolder = join(import.meta.dirname, '../../../manifests/monitoring')

/** One rule of a group; what it is about is in `record` or `alert`. */
export interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** What a rules file of Prometheus holds. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/** What the PrometheusRule holds for Prometheus. */
export function shippedRules(): Rules {
  const { spec }: { readonly spec: Rules } = parse(readMonitoring('prometheusrule.yaml'))
  return spec
}

/** A panel of a dashboard. */
export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly query: string }
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

export function shippedDashboard(): Dashboard {
  return JSON.parse(readMonitoring('dashboard.json'))
}

/** The queries of all panels and variables, with something in place of Grafana's variables. */
export function dashboardQueries({ panels, templating }: Dashboard): readonly string[] {
  const ofPanels = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const ofVariables = templating.list
    .flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]))
    .map(query => query.replace(/^label_values\((.*), \w+\)$/, '$1'))
  return [...ofPanels, ...ofVariables].map(withoutVariables)
}

/** The first query of the panel with that title, with something in place of Grafana's variables. */
export function panelQuery({ panels }: Dashboard, title: string): string {
  const query = panels.find(panel => panel.title === title)?.targets?.[0]?.expr
  if (query === undefined) throw new Error(`no panel has the title ${title}`)
  return withoutVariables(query)
}

function withoutVariables(query: string): string {
  return query.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:namespace|registry)\b/g, '.*')
}

export function readMonitoring(file: string): string {
  return readFileSync(join(monitoringFolder, file), 'utf8')
}
