import { selectChanges, type Changes } from './changes.ts'
import type { Finding } from './findings.ts'

/** Who is told of which namespaces. Times in milliseconds. */
export interface Route {
  readonly name: string
  /** Names of channels; each gets the message. */
  readonly channels: readonly string[]
  /** Names of namespaces; empty: any. */
  readonly namespaces: readonly string[]
  /** Labels that the namespace must have; empty: any. */
  readonly matchLabels: Readonly<Record<string, string>>
  /** After so long without a message, what is still outdated is told again; undefined: never. */
  readonly remindAfter: number | undefined
  /** After so long without a message, it is said that all is up to date; undefined: never. */
  readonly heartbeatEvery: number | undefined
}

/** The labels of a namespace; undefined where it is not known. */
export type LabelsOf = (namespace: string) => Readonly<Record<string, string>> | undefined

/** Whether a route is told of a namespace. A route that names neither namespaces nor labels is told of all. */
export function concerns(route: Route, namespace: string, labelsOf: LabelsOf): boolean {
  if (route.namespaces.length > 0 && !route.namespaces.includes(namespace)) return false
  const wanted = Object.entries(route.matchLabels)
  if (wanted.length === 0) return true
  const labels = labelsOf(namespace) ?? {}
  return wanted.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
}

/** Where a finding is told instead of to the routes: the channel that its policy names, if there is that one. */
export type ChannelOf = (finding: Finding) => string | undefined

/** What of the changes concerns a route. */
export function changesFor(
  route: Route,
  changes: Changes,
  { labelsOf, channelOf }: { readonly labelsOf: LabelsOf; readonly channelOf: ChannelOf },
): Changes {
  return selectChanges(
    changes,
    finding => channelOf(finding) === undefined && concerns(route, finding.workload.namespace, labelsOf),
  )
}
