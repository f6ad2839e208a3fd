import { itemsOf, member } from '../../json/index.ts'
import { type WorkloadKind } from '../../workload/index.ts'
import { patchWebhooks, type WebhooksOutcome, type WebhooksPatch } from './patch-webhooks.ts'

/** A custom kind as a rule names it. */
export type CustomResource = Pick<WorkloadKind, 'group' | 'resource'>

/** The custom kinds for which the API server is to call the webhook. */
export interface WebhookRulesPatch extends WebhooksPatch {
  readonly kinds: readonly CustomResource[]
}

/** A rule of a webhook (admissionregistration.k8s.io/v1 RuleWithOperations). */
export interface WebhookRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly operations: readonly string[]
  readonly resources: readonly string[]
  readonly scope: string
}

/**
 * Adds the rules for custom kinds that are missing to every webhook of the validating and the mutating configuration but
 * those for policies, and takes none away. Throws KubernetesError, `not-found` where neither configuration exists.
 */
export function patchWebhookRules(patch: WebhookRulesPatch): Promise<readonly WebhooksOutcome[]> {
  return patchWebhooks(patch, {
    what: 'add rules for custom kinds',
    fieldOf({ rules }) {
      const isOfPolicies = rules.some(rule => covers(rule, policies))
      const missing = isOfPolicies ? [] : patch.kinds.filter(kind => !rules.some(rule => covers(rule, kind)))
      const value = missing.length === 0 ? rules : [...rules, ...rulesOf(missing)]
      // The whole list at once, and only where it is still the one that was read.
      return { path: '/rules', before: rules, value, ...(rules.length > 0 && { still: rules }) }
    },
  })
}

const operations = ['CREATE', 'UPDATE'] as const
const policies: CustomResource = { group: 'patchline.dev', resource: 'patchpolicies' }

/**
 * The rules by which the API server calls the webhook for custom kinds, one for each group: whole objects, never `status` or `scale`.
 * A rule for a kind that is not installed matches nothing.
 */
export function rulesOf(kinds: readonly CustomResource[]): readonly WebhookRule[] {
  const groups = new Set(kinds.map(({ group }) => group))
  return [...groups].map(group => ({
    apiGroups: [group],
    // Every version that the kind has or will have: its path to the pod template is nearly always the same.
    apiVersions: ['*'],
    operations: [...operations],
    resources: kinds.filter(kind => kind.group === group).map(({ resource }) => resource),
    scope: 'Namespaced',
  }))
}

function covers(rule: unknown, { group, resource }: CustomResource): boolean {
  const has = (key: string, ...values: readonly string[]): boolean =>
    itemsOf(member(rule, key)).some(one => typeof one === 'string' && values.includes(one))
  return (
    has('apiGroups', group, '*') &&
    has('resources', resource, '*', '*/*') &&
    operations.every(operation => has('operations', operation, '*'))
  )
}
