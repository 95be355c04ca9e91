// The page's side of working without a network: its service worker, newer versions, and the browser's offer to install.
import { ref, shallowRef } from 'vue'

/** All files of the page are on this device. */
export const isReadyOffline = ref(false)
/** A newer version has been fetched and waits. */
export const newerVersion = shallowRef<{ use(): void } | null>(null)
/** The browser offers to install the page. */
export const installOffer = shallowRef<{ install(): Promise<void> } | null>(null)

/** The large files wait until the page has been quiet for this long: they must not take the line from a first check. */
const QUIET_MS = 4000

interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

/**
 * Registers the service worker, where the browser has one. Call once, when the page stands. A newer version that waits already is taken at
 * once where nobody has begun anything (`isIdle`); one that comes later waits until a person says so.
 */
export async function keepOnDevice(isIdle: () => boolean): Promise<void> {
  globalThis.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    installOffer.value = {
      async install() {
        installOffer.value = null
        await (event as InstallEvent).prompt()
      },
    }
  })
  if (!('serviceWorker' in navigator)) return
  try {
    const registration = await navigator.serviceWorker.register('/sw.js', { scope: '/', updateViaCache: 'none' })
    watchForNewer(registration, isIdle)
    const { active } = await navigator.serviceWorker.ready
    setTimeout(() => active && complete(active), QUIET_MS)
  } catch {
    // Without one the page works as long as there is a network.
  }
}

function complete(worker: ServiceWorker): void {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = ({ data }: MessageEvent<boolean>) => {
    isReadyOffline.value = data
    port1.close()
  }
  worker.postMessage('complete', [port2])
}

function watchForNewer(registration: ServiceWorkerRegistration, isIdle: () => boolean): void {
  const offer = (worker: ServiceWorker) => {
    newerVersion.value = {
      use() {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
        worker.postMessage('use-now')
      },
    }
  }
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker)
    })
  if (registration.waiting && navigator.serviceWorker.controller) {
    offer(registration.waiting)
    if (isIdle()) newerVersion.value?.use()
  }
  watch(registration.installing)
  registration.addEventListener('updatefound', () => watch(registration.installing))
}
