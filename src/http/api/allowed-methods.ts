import type { FastifyInstance } from 'fastify'

/** Watches the routes that are added from now on, and gives the methods that the path of a URL has; none where there is no such path. */
export function allowedMethods(app: FastifyInstance): (url: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() })
  })
  return url => {
    const [path = ''] = url.split('?')
    const all = routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))
    return [...new Set(all)].toSorted()
  }
}

// `/hooks/:name` and `/images/*`: nothing else of a route's syntax is in use.
function patternOf(url: string): RegExp {
  const parts = url.split(/(:\w+|\*)/).map(part => {
    if (part === '*') return '.+'
    return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  })
  return new RegExp(`^${parts.join('')}$`)
}
