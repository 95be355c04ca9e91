/**
 * key-store: where private keys live: in encrypted files, or in a token behind PKCS #11. Hands out `SigningKey`, `WrappingKey` and
 * `MacKey`, never key bytes.
 *
 * It does not decide who may use a key, and keeps no log of single uses: the services do. One store is one folder with one passphrase;
 * every service has its own.
 *
 * Invariants: a key that was handed out is durably on disk or in the token; no file is ever overwritten by another key, no name given
 * twice; a token's library runs in a process of its own, and its signatures are verified before they are handed out; nothing printed,
 * logged or serialised shows a secret. Files: `store.json` (the store's key under scrypt), one file per key (encrypted PKCS #8 for signing
 * keys); `secrets/` (the secret under which each signing key's file lies, sealed by the store's key: once it is destroyed, no copy of the
 * key file can be opened); `records/` (what happened to keys, chained and signed).
 */
export { KeyStoreError, type KeyStoreErrorCode } from './errors.ts'
export {
  createKeyStore,
  type KeyKind,
  type KeyStore,
  type KeyStoreOptions,
  type TokenOptions,
} from './key-store.ts'
export type { MacKey, WrappingKey } from './keys.ts'
export { openOrGenerate } from './open-or-generate.ts'
export { createOutwardKey, type OutwardKey, type PublicJwk } from './outward-key.ts'
export type { KeyAct, KeyEvent, KeyRecord } from './records.ts'
export { isShareLine, type ShareFacts } from './share-sheet.ts'
export { collectShares, makeSharedKey, type ShareCollector, type SharedKey, type SharingOptions } from './shared-key.ts'
export type { KeyUsage } from './usage.ts'
