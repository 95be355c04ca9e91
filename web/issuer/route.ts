import { ref } from 'vue'

/** Where on the issuing desk we are; kept in the address's hash, so that the back button and reloading work. */
export type Route =
  | { readonly at: 'list' }
  | { readonly at: 'types' }
  | { readonly at: 'form'; readonly typeCode: string }
  | { readonly at: 'licence'; readonly identifier: string; readonly isFresh: boolean }
  | { readonly at: 'replace'; readonly identifier: string }

export function parseRoute(hash: string): Route {
  const [head = '', name = '', tail = ''] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  if (head === 'new') return name ? { at: 'form', typeCode: name } : { at: 'types' }
  if (head === 'licences' && name) {
    return tail === 'replace'
      ? { at: 'replace', identifier: name }
      : { at: 'licence', identifier: name, isFresh: tail === 'issued' }
  }
  return { at: 'list' }
}

export const route = ref<Route>(typeof location === 'undefined' ? { at: 'list' } : parseRoute(location.hash))

if (typeof window !== 'undefined') {
  window.addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash)
  })
}

export const toForm = (typeCode: string): string => `#/new/${encodeURIComponent(typeCode)}`
export const toLicence = (identifier: string): string => `#/licences/${encodeURIComponent(identifier)}`
export const toReplace = (identifier: string): string => `${toLicence(identifier)}/replace`

export function go(hash: string): void {
  location.hash = hash
}
