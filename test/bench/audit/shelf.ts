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

/** What it knows and allows. */
export interface ShelfOptions {
  /** Whether PolicyReports are known. */
  readonly reports: boolean
  /** Whether service accounts and pull secrets may be read. */
  readonly secrets: boolean
}

/** Objects by their path; nothing there yet. */
export function createObjectShelf({ reports, secrets }: ShelfOptions) {
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

  function answer(method: string, path: string, body: string): StoredReply {
    if (method !== 'GET') return write(method, path, body)
    return path === `${reportsGroup}/policyreports` ? list(`${reportsGroup}/`) : read(path)
  }

  return {
    answer(method: string, path: string, body: string): Answered {
      if (path === reportsGroup && reports) return { what: 'discovery', reply: json(200, reportResources) }
      const what = written.find(([pattern]) => pattern.test(path))?.[1]
      if (what === undefined) return readOnly(path, secrets)
      return { what: method === 'GET' ? what : `${what} written`, reply: answer(method, path, body) }
    },
  }
}

const reportResources = { kind: 'APIResourceList', resources: [{ name: 'policyreports', namespaced: true }] }

// Every service account exists and names no secrets; every secret is of the right type.
function readOnly(path: string, secrets: boolean): Answered {
  if (path.startsWith('/apis/')) return { what: 'discovery', reply: status(404) }
  const [, namespace, kind, name] = /^\/api\/v1\/namespaces\/([^/]+)(?:\/([^/]+)\/([^/]+))?$/.exec(path) ?? []
  const metadata = { namespace, name: name ?? namespace, resourceVersion: '1' }
  switch (kind) {
    case undefined:
      return { what: 'namespaces', reply: json(200, { kind: 'Namespace', metadata }) }
    case 'serviceaccounts':
      return {
        what: 'service accounts',
        reply: secrets ? json(200, { kind: 'ServiceAccount', metadata }) : status(403),
      }
    case 'secrets':
      return {
        what: 'pull secrets',
        reply: secrets ? json(200, { kind: 'Secret', metadata, ...pullSecret }) : status(403),
      }
    default:
      return { what: `unknown: ${path}`, reply: status(404) }
  }
}

const pullSecret = {
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: {} })).toString('base64') },
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
