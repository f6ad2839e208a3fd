import type { ServerResponse } from 'node:http'
import { answer, refuse, type Received } from './fake-api-server.ts'

interface StoredObject {
  readonly [key: string]: unknown
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Objects by their path, with the API server's rules for GET, POST, PUT, DELETE, and PATCH of whole fields. */
export class StoredObjects {
  readonly objects = new Map<string, StoredObject>()
  #version = 0

  readonly handler = (received: Received, response: ServerResponse): void => {
    this.#answer(received)(received, response)
  }

  #answer({ method, url, body }: Received) {
    const path = url.pathname
    const stored = this.objects.get(path)
    switch (method) {
      case 'POST': {
        const object: StoredObject = JSON.parse(body)
        const name = `${path}/${String(object.metadata['name'])}`
        return this.objects.has(name) ? refuse(409, 'already exists') : this.#put(name, object)
      }
      case 'PUT':
        return this.#replace(path, stored, JSON.parse(body))
      case 'PATCH':
        return this.#replace(path, stored, { ...stored, ...JSON.parse(body) })
      case 'DELETE':
        return this.#remove(path, body)
      default:
        return stored === undefined ? refuse(404, 'not found') : answer(200, stored)
    }
  }

  #replace(path: string, stored: StoredObject | undefined, object: StoredObject) {
    if (stored === undefined) return refuse(404, 'not found')
    const { resourceVersion = stored.metadata['resourceVersion'] } = object.metadata
    const isSame = resourceVersion === stored.metadata['resourceVersion']
    return isSame ? this.#put(path, object) : refuse(409, 'the object has been modified')
  }

  #remove(path: string, body: string) {
    const stored = this.objects.get(path)
    if (stored === undefined) return refuse(404, 'not found')
    const { preconditions = {} } = body === '' ? {} : JSON.parse(body)
    const { resourceVersion = stored.metadata['resourceVersion'] } = preconditions
    if (resourceVersion !== stored.metadata['resourceVersion']) return refuse(409, 'precondition failed')
    this.objects.delete(path)
    return answer(200, { kind: 'Status' })
  }

  /** Makes an object, or puts another in its place, as a third party does. */
  set(path: string, object: StoredObject): void {
    this.#put(path, object)
  }

  #put(path: string, object: StoredObject) {
    this.#version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    this.objects.set(path, stored)
    return answer(200, stored)
  }
}
