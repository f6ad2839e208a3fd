// What registries' errors advise is for who keeps the configuration of a server.
type Advice = readonly [advice: string | RegExp, instead: string]
const always: readonly Advice[] = [
  ['it is asked again later', 'try again later'],
  ['it is asked again then', 'try again then'],
  [
    /^(.*)the configuration does not allow this registry; add (\S+) to registries, if you trust it$/,
    '$1this registry is not among those that may be asked; if you trust it, add --registry $2, or list it under registries',
  ],
]
const credentials = 'docker login, or a file that --docker-config names'
const withoutConfiguration: readonly Advice[] = [
  ['give credentials under registries', `give credentials: ${credentials}`],
  ['check the credentials under registries,', `check the credentials (${credentials}),`],
  ['say insecure: true under registries', 'name its host by --insecure-registry'],
  ['in the configuration under registries', 'under registries'],
  ['under registries', 'under registries in a file that --config names'],
]

/** The detail of an evaluation with advice that a person can follow on the command line, with or without a configuration. */
export function forCommandLine(detail: string, isConfigured: boolean): string {
  const texts = isConfigured ? always : [...always, ...withoutConfiguration]
  return texts.reduce((text, [advice, instead]) => text.replace(advice, instead), detail)
}
