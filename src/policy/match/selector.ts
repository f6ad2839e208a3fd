import type { PolicySpec } from '../../api/index.ts'

/** Labels of an object or a namespace. */
export type Labels = Readonly<Record<string, string>>

/** A LabelSelector as Kubernetes has it (apimachinery meta/v1 types.go). */
export type LabelSelector = NonNullable<PolicySpec['match']['namespaceSelector']>

/**
 * Whether labels are selected. All that the selector says must hold; an empty one selects everything, and `NotIn` what has no
 * such label (apimachinery labels/selector.go Requirement.Matches).
 */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => valueOf(labels, key) === value) &&
    matchExpressions.every(expression => holds(expression, labels))
  )
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = valueOf(labels, key)
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

/** The value of a label or an annotation, never an inherited one. */
export function valueOf(values: Labels, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}
