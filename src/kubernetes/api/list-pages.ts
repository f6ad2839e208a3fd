import type { KubeConfig } from '@kubernetes/client-node'
import { at, itemsOf, member, textOf } from '../../json/index.ts'
import { callApi, type ApiRequest } from './api-request.ts'
import { KubernetesError } from './kubernetes-error.ts'

/** What is listed, and how many objects at a time. */
export interface PagedList extends Pick<ApiRequest, 'what' | 'path' | 'accept'> {
  readonly labelSelector?: string | undefined
  readonly pageSize: number
}

/** An end for a server that always names another page: a million objects and more. */
const mostPages = 4_000
/** Milliseconds for each page. */
const answerLimit = 30_000

/** The objects of a list, page by page. Throws KubernetesError. */
export async function* listPages(
  kubeConfig: KubeConfig,
  { labelSelector, pageSize, ...request }: PagedList,
  signal: AbortSignal,
): AsyncGenerator<readonly unknown[], void> {
  let token = ''
  for (let page = 0; page < mostPages; page += 1) {
    const query = {
      limit: String(pageSize),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(token !== '' && { continue: token }),
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerLimit)])
    // oxlint-disable-next-line eslint/no-await-in-loop -- each page's address is in the page before
    const answer = await callApi(kubeConfig, { ...request, query }, limit)
    yield itemsOf(member(answer, 'items'))
    token = textOf(at(answer, ['metadata', 'continue']))
    if (token === '') return
  }
  throw new KubernetesError('invalid-answer', { what: request.what, why: `more than ${mostPages} pages` })
}
