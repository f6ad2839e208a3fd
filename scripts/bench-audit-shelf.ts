// What the audit reads one by one and writes: leases, config maps, Events, reports, service accounts and pull secrets.

/** An answer's status and body. */
export interface StoredReply {
  readonly status: number
  readonly text: string
}

/** What came of a request, and what it was for. */
export interface Answered {
  readonly what: string
  readonly reply: StoredReply
}

interface ApiObject {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

const written: readonly (readonly [RegExp, string])[] = [
  [/\/leases(?:\/|$)/, 'leases'],
  [/\/configmaps(?:\/|$)/, 'config maps'],
  [/\/events(?:\/|$)/, 'events'],
  [/^\/apis\/wgpolicyk8s\.io\/v1alpha2\/.*policyreports/, 'reports'],
]

const reportsGroup = '/apis/wgpolicyk8s.io/v1alpha2'

/** Objects by their path; nothing there yet. `reports` says whether PolicyReports are known. */
export function createObjectShelf({ reports }: { readonly reports: boolean }) {
  const objects = new Map<string, ApiObject>()
  let version = 1

  function keep(path: string, object: ApiObject): StoredReply {
    version += 1
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    objects.set(path, kept)
    return { status: 200, text: JSON.stringify(kept) }
  }

  function write(method: string, path: string, body: string): StoredReply {
    if (method === 'DELETE') return objects.delete(path) ? json(200, {}) : status(404)
    const given: ApiObject = JSON.parse(body)
    if (method === 'POST') {
      const place = `${path}/${String(given.metadata['name'])}`
      return objects.has(place) ? status(409) : { ...keep(place, given), status: 201 }
    }
    const before = objects.get(path)
    if (before === undefined) return status(404)
    const wanted = given.metadata?.['resourceVersion']
    if (wanted !== undefined && wanted !== before.metadata['resourceVersion']) return status(409)
    return keep(path, method === 'PATCH' ? merged(before, given) : given)
  }

  function read(path: string): StoredReply {
    const object = objects.get(path)
    return object === undefined ? status(404) : json(200, object)
  }

  function list(path: string): StoredReply {
    const items = [...objects].flatMap(([place, object]) => (place.startsWith(path) ? [object] : []))
    return json(200, { kind: 'List', metadata: { resourceVersion: String(version) }, items })
  }

  return {
    answer(method: string, path: string, body: string): Answered {
      const what = written.find(([pattern]) => pattern.test(path))?.[1]
      if (path === reportsGroup)
        return { what: 'discovery', reply: reports ? json(200, reportResources) : status(404) }
      if (path.startsWith('/apis/openreports.io/')) return { what: 'discovery', reply: status(404) }
      if (what === 'reports' && method === 'GET' && path.endsWith('/policyreports'))
        return { what, reply: list(`${reportsGroup}/`) }
      if (what !== undefined)
        return {
          what: method === 'GET' ? what : `${what} written`,
          reply: method === 'GET' ? read(path) : write(method, path, body),
        }
      return readOnly(path)
    },
  }
}

const reportResources = { kind: 'APIResourceList', resources: [{ name: 'policyreports', namespaced: true }] }

// Every service account exists and names no secrets; every secret is of the right type.
function readOnly(path: string): Answered {
  const [, namespace, kind, name] = /^\/api\/v1\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  const metadata = { namespace, name, resourceVersion: '1' }
  if (kind === 'serviceaccounts')
    return { what: 'service accounts', reply: json(200, { kind: 'ServiceAccount', metadata }) }
  if (kind === 'secrets') {
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: {} })).toString('base64') }
    const secret = { kind: 'Secret', metadata, type: 'kubernetes.io/dockerconfigjson', data }
    return { what: 'pull secrets', reply: json(200, secret) }
  }
  if (/^\/api\/v1\/namespaces\/[^/]+$/.test(path))
    return {
      what: 'namespaces',
      reply: json(200, {
        kind: 'Namespace',
        metadata: { name: path.slice(path.lastIndexOf('/') + 1), resourceVersion: '1' },
      }),
    }
  return { what: `unknown: ${path}`, reply: status(404) }
}

function merged(before: ApiObject, patch: ApiObject): ApiObject {
  const fields = Object.entries(patch).map(([key, value]) => {
    const isObject = typeof value === 'object' && value !== null
    return [key, isObject ? { ...Object(before[key]), ...value } : value]
  })
  return { ...before, ...Object.fromEntries(fields) }
}

function json(code: number, value: object): StoredReply {
  return { status: code, text: JSON.stringify(value) }
}

function status(code: number): StoredReply {
  return json(code, { kind: 'Status', code, message: `the stand-in says ${code}` })
}
