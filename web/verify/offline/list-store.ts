// The kept lists in the browser's own database. Where that is refused (private windows), they last as long as the page.
import type { KeptLists } from './lists.ts'

export interface ListStore {
  load(): Promise<KeptLists | null>
  save(lists: KeptLists): Promise<void>
}

const DATABASE = 'zhengyin-verify'
const STORE = 'lists'
const KEY = 'current'
/** Raised when the shape of what is kept changes; older ones are left behind. */
const VERSION = 1

export function createListStore(): ListStore {
  let remembered: KeptLists | null = null
  return {
    async load() {
      try {
        return (remembered = ((await within('readonly', (store) => store.get(KEY))) as KeptLists | undefined) ?? null)
      } catch {
        return remembered
      }
    },
    async save(lists) {
      remembered = lists
      await within('readwrite', (store) => store.put(lists, KEY)).catch(() => undefined)
    },
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION)
    request.onupgradeneeded = () => {
      const { result } = request
      if (!result.objectStoreNames.contains(STORE)) result.createObjectStore(STORE)
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('the database is held by an older page'))
  })
}

async function within(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = transaction.onerror = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}
