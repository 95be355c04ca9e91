import { ref } from 'vue'
import { hashParts } from '../kit/hash-parts.ts'

const places = [
  'licences',
  'orders',
  'cases',
  'batches',
  'scans',
  'sources',
  'catalogue',
  'sharing',
  'accesses',
  'personal-data',
  'statistics',
  'quality',
  'keys',
] as const

/** The acts that are filled in as a form. */
export const formActs = ['correct', 'change', 'renew'] as const
export type FormAct = (typeof formActs)[number]

/** Where in the console we are; kept in the address's hash, so that the back button and reloading work. */
export type Route =
  | { readonly at: 'home' | (typeof places)[number] | 'types' | 'new-batch' | 'new-type' | 'import-catalogue' }
  | { readonly at: 'form'; readonly typeCode: string }
  | { readonly at: 'licence'; readonly identifier: string; readonly isFresh: boolean }
  | { readonly at: 'follow'; readonly identifier: string; readonly action: FormAct }
  | { readonly at: 'receive'; readonly orderId: string }
  | { readonly at: 'batch'; readonly id: string }
  | { readonly at: 'type' | 'edit-type' | 'template'; readonly typeCode: string }

type Reader = (name: string, tail: string) => Route

const readers: Readonly<Record<string, Reader>> = {
  new: (name) => (name ? { at: 'form', typeCode: name } : { at: 'types' }),
  licences: (identifier, tail) => {
    if (identifier === '') return { at: 'licences' }
    const action = formActs.find((act) => act === tail)
    return action ? { at: 'follow', identifier, action } : { at: 'licence', identifier, isFresh: tail === 'issued' }
  },
  orders: (orderId, tail) => (tail === 'receive' ? { at: 'receive', orderId } : { at: 'orders' }),
  batches: (id) => (id === '' ? { at: 'batches' } : id === 'new' ? { at: 'new-batch' } : { at: 'batch', id }),
  catalogue: (typeCode, tail) => {
    if (typeCode === '') return { at: 'catalogue' }
    if (typeCode === 'new') return { at: 'new-type' }
    if (typeCode === 'import') return { at: 'import-catalogue' }
    return { at: tail === 'edit' ? 'edit-type' : 'type', typeCode }
  },
  templates: (typeCode) => (typeCode === '' ? { at: 'catalogue' } : { at: 'template', typeCode }),
}

export function parseRoute(hash: string): Route {
  const [head = '', name = '', tail = ''] = hashParts(hash)
  const reader = Object.hasOwn(readers, head) ? readers[head] : undefined
  return reader?.(name, tail) ?? { at: places.find((place) => place === head) ?? 'home' }
}

export const route = ref<Route>(typeof location === 'undefined' ? { at: 'home' } : parseRoute(location.hash))

if (typeof window !== 'undefined') {
  window.addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash)
  })
}

export const toForm = (typeCode: string): string => `#/new/${encodeURIComponent(typeCode)}`
export const toLicence = (identifier: string): string => `#/licences/${encodeURIComponent(identifier)}`
export const toFollow = (identifier: string, action: FormAct): string => `${toLicence(identifier)}/${action}`
export const toReceive = (orderId: string): string => `#/orders/${encodeURIComponent(orderId)}/receive`
export const toBatch = (id: string): string => `#/batches/${encodeURIComponent(id)}`
export const toType = (typeCode: string): string => `#/catalogue/${encodeURIComponent(typeCode)}`
export const toEditType = (typeCode: string): string => `${toType(typeCode)}/edit`
export const toTemplate = (typeCode: string): string => `#/templates/${encodeURIComponent(typeCode)}`

export function go(hash: string): void {
  location.hash = hash
}
