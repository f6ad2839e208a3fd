/** The manifests of the CustomResourceDefinitions, made from their schemas in `src/api/policy/`. */
import { stringify } from 'yaml'
import { exceptionDefinition, policyDefinition } from './crd-definitions.ts'

/** A file and what belongs into it. */
export interface CrdFile {
  readonly path: string
  readonly text: string
}

/** The files below the root of the project. */
export function crdFiles(): readonly CrdFile[] {
  return [policyDefinition, exceptionDefinition].flatMap(definition =>
    // A chart can read only files of its own folder.
    ['manifests/crds', 'charts/patchline/files/crds'].map(folder => ({
      path: `${folder}/${definition.spec.names.plural}.yaml`,
      text: header + stringify(definition, layout),
    })),
  )
}

// kubectl reads YAML 1.1, in which a bare `off` is false. A width counts without some of the indentation: lines are
// shorter than 132 characters, but for expressions without a space.
const layout = {
  lineWidth: 100,
  singleQuote: true,
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
} as const
const header = '# Made from src/api/policy/ by `npm run crds`. Change the schema there, and run it again.\n'
