import { ref } from 'vue'
import { hashParts } from '../kit/hash-parts.ts'

const places = [
  'tasks',
  'seals',
  'apply',
  'use',
  'batches',
  'sign',
  'webhooks',
  'requests',
  'ledger',
  'warnings',
  'supervision',
  'people',
  'statistics',
  'keys',
] as const

/** Where in the seals' console we are; kept in the address's hash, so that the back button and reloading work. */
export type Route =
  | { readonly at: (typeof places)[number] }
  | { readonly at: 'seal'; readonly sealId: string }
  | { readonly at: 'amend'; readonly sealId: string }
  | { readonly at: 'compromise'; readonly sealId: string }
  | { readonly at: 'reseal'; readonly sealId: string; readonly resealId: string }

export function parseRoute(hash: string): Route {
  const [head = '', name = '', tail = '', last = ''] = hashParts(hash)
  if (head === 'seals' && name && tail === 'compromise')
    return last === '' ? { at: 'compromise', sealId: name } : { at: 'reseal', sealId: name, resealId: last }
  if (head === 'seals' && name) return { at: tail === 'amend' ? 'amend' : 'seal', sealId: name }
  const at = places.find((place) => place === head)
  return { at: at ?? 'tasks' }
}

export const route = ref<Route>(typeof location === 'undefined' ? { at: 'tasks' } : parseRoute(location.hash))

if (typeof window !== 'undefined') {
  window.addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash)
  })
}

export const toSeal = (sealId: string): string => `#/seals/${encodeURIComponent(sealId)}`
export const toAmend = (sealId: string): string => `${toSeal(sealId)}/amend`

export const toCompromise = (sealId: string): string => `${toSeal(sealId)}/compromise`
export const toReseal = (sealId: string, resealId: string): string =>
  `${toCompromise(sealId)}/${encodeURIComponent(resealId)}`

export function go(hash: string): void {
  location.hash = hash
}
