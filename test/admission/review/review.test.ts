import * as fc from 'fast-check'
import t from 'tap'
import { InvalidReviewError, readReview } from '../../../src/admission/index.ts'
import { hostileJson } from '../../workload/workloads.ts'

const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }

t.test('what cannot be answered is named', async t => {
  const rows: [unknown, string, string][] = [
    [null, 'not-an-object', 'the body is not a JSON object'],
    [[], 'not-an-object', 'the body is not a JSON object'],
    ['text', 'not-an-object', 'the body is not a JSON object'],
    [{}, 'wrong-api-version', 'apiVersion is missing, not "admission.k8s.io/v1"'],
    [{ apiVersion: 1 }, 'wrong-api-version', 'apiVersion is no text, not "admission.k8s.io/v1"'],
    [
      { ...review, apiVersion: 'admission.k8s.io/v1beta1' },
      'wrong-api-version',
      'apiVersion is "admission.k8s.io/v1beta1", not "admission.k8s.io/v1"',
    ],
    [
      { ...review, apiVersion: 'x'.repeat(100) },
      'wrong-api-version',
      `apiVersion is "${'x'.repeat(60)}…", not "admission.k8s.io/v1"`,
    ],
    [{ ...review, kind: 'Pod' }, 'wrong-kind', 'kind is "Pod", not "AdmissionReview"'],
    [review, 'no-request', 'the review has no request'],
    [{ ...review, request: [] }, 'no-request', 'the review has no request'],
    [{ ...review, request: {} }, 'no-uid', 'the request has no uid'],
    [{ ...review, request: { uid: '' } }, 'no-uid', 'the request has no uid'],
    [{ ...review, request: { uid: 1 } }, 'no-uid', 'the request has no uid'],
  ]
  for (const [body, code, message] of rows)
    t.throws(() => readReview(body), { name: 'InvalidReviewError', code, message }, JSON.stringify(body))
})

t.test('what can be missing is empty', async t => {
  t.strictSame(readReview({ ...review, request: { uid: 'u', userInfo: { groups: ['a', 1, null] } } }), {
    uid: 'u',
    operation: '',
    kind: '',
    resource: { group: '', resource: '', subresource: '' },
    namespace: '',
    name: '',
    user: { name: '', groups: ['a'] },
    object: undefined,
    oldObject: undefined,
    isDryRun: false,
    isWhole: true,
  })
})

t.test('a whole request', async t => {
  const request = {
    uid: 'u',
    operation: 'UPDATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'ephemeralcontainers',
    requestKind: { group: 'x', version: 'v1', kind: 'Other' },
    namespace: 'shop',
    name: 'web',
    userInfo: { username: 'admin', groups: ['g'] },
    object: { spec: {} },
    oldObject: null,
    dryRun: true,
  }
  t.strictSame(readReview({ ...review, request }), {
    uid: 'u',
    operation: 'UPDATE',
    kind: 'Pod',
    resource: { group: '', resource: 'pods', subresource: 'ephemeralcontainers' },
    namespace: 'shop',
    name: 'web',
    user: { name: 'admin', groups: ['g'] },
    object: { spec: {} },
    oldObject: null,
    isDryRun: true,
    isWhole: true,
  })
})

t.test('nothing but an InvalidReviewError is thrown', async () => {
  fc.assert(
    fc.property(fc.anything(), hostileJson, (anything, json) => {
      for (const body of [
        anything,
        { ...review, request: json },
        { ...review, request: { uid: 'u', userInfo: json } },
      ])
        try {
          readReview(body)
        } catch (error) {
          if (!(error instanceof InvalidReviewError)) throw error
        }
    }),
  )
})
