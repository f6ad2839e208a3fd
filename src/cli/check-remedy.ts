// What registries' errors advise is for who keeps the configuration of a server.
const always: readonly (readonly [advice: string, instead: string])[] = [
  ['it is asked again later', 'try again later'],
  ['it is asked again then', 'try again then'],
]
const credentials = 'docker login, or a file that --docker-config names'
const withoutConfiguration: typeof always = [
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
