// A LabelSelector as `k8s.io/apimachinery/pkg/apis/meta/v1` has it, with the limits of labels.

const domain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const keyPattern = `^(${domain}/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$` as const
const labelKey = { type: 'string', minLength: 1, maxLength: 317, pattern: keyPattern } as const
const labelValue = {
  type: 'string',
  maxLength: 63,
  pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
} as const

/** By which labels something is selected: all that is said must hold, and an empty selector selects everything. */
export const labelSelectorSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Selects by labels. All of it must hold; an empty selector selects everything.',
  properties: {
    matchLabels: {
      type: 'object',
      description: 'Labels with these values.',
      maxProperties: 32,
      additionalProperties: labelValue,
      'x-kubernetes-validations': [
        {
          rule: `self.all(key, key.size() <= ${labelKey.maxLength} && key.matches('${keyPattern}'))`,
          message: 'the keys must be keys of labels like app.kubernetes.io/name',
        },
      ],
    },
    matchExpressions: {
      type: 'array',
      description: 'Conditions on labels.',
      maxItems: 32,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['key', 'operator'],
        properties: {
          key: { ...labelKey, description: 'The key of a label.' },
          operator: {
            type: 'string',
            enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
            description: 'How the values relate to the value of the label.',
          },
          values: {
            type: 'array',
            description: 'For In and NotIn at least one; for the others none.',
            maxItems: 64,
            items: labelValue,
          },
        },
        'x-kubernetes-validations': [
          {
            rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
            message: 'In and NotIn need values, Exists and DoesNotExist take none',
          },
        ],
      },
    },
  },
} as const
