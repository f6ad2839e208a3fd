/** What the registry of the pages' commands has, by repository. */
export const repositories: Readonly<Record<string, readonly string[]>> = {
  'library/nginx': [
    '1.25.1',
    '1.25.2',
    '1.25.3',
    '1.25.4',
    '1.25.5',
    '1.25.5-alpine',
    '1.26.0',
    '1.26.1',
    'latest',
  ],
  'library/redis': ['7.2.1', '7.2.3', '7.2.5', '7.4.0'],
  'library/busybox': ['1.36.0', '1.36.1'],
}
