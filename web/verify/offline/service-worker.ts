// Keeps the page itself on the device, one cache for each build of it. It answers for this page's files alone; what the services say
// is never cached here. The build writes the list of files in place of __PRECACHE__.

interface Precache {
  /** Digest of everything below: another build, another cache. */
  readonly version: string
  /** What the page needs to open and to judge; fetched before this worker is used at all. */
  readonly page: readonly string[]
  /** What scanning and drawing need beside; fetched when the page has nothing else to do. */
  readonly later: readonly string[]
}

declare const __PRECACHE__: Precache

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface PageFetch extends WorkerEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
interface PageMessage extends WorkerEvent {
  readonly data: 'complete' | 'use-now'
  readonly ports: readonly MessagePort[]
}
interface Scope {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listen: (event: WorkerEvent) => void): void
  addEventListener(type: 'fetch', listen: (event: PageFetch) => void): void
  addEventListener(type: 'message', listen: (event: PageMessage) => void): void
}

const scope = globalThis as unknown as Scope
const { version, page, later } = __PRECACHE__
const PREFIX = 'zhengyin-verify-'
const CACHE = PREFIX + version
const PAGE = '/verify'
const files = new Set([...page, ...later])

const isOwnPage = (path: string): boolean => /^\/(verify\/?$|q\/.)/i.test(path)

async function fetchInto(cache: Cache, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await cache.match(path)) continue
    const response = await fetch(path, { cache: 'no-cache', credentials: 'omit', redirect: 'error' })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    await cache.put(path, response)
  }
}

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => fetchInto(cache, page)))
})

scope.addEventListener('activate', (event) => {
  const cleaning = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
    await Promise.all(old.map((name) => caches.delete(name)))
    await scope.clients.claim()
  }
  event.waitUntil(cleaning())
})

/** The kept copy, else the network; names hold digests, so a kept copy is never out of date. */
async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(path)) ?? fetch(request)
}

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return
  // A statement in the address stays on the device: the page alone reads it.
  if (request.mode === 'navigate' && isOwnPage(url.pathname)) event.respondWith(answer(request, PAGE))
  else if (files.has(url.pathname)) event.respondWith(answer(request, url.pathname))
})

scope.addEventListener('message', (event) => {
  if (event.data === 'use-now') return event.waitUntil(scope.skipWaiting())
  const completing = async () => {
    const [port] = event.ports
    try {
      await fetchInto(await caches.open(CACHE), later)
      port?.postMessage(true)
    } catch {
      port?.postMessage(false)
    }
  }
  event.waitUntil(completing())
})
