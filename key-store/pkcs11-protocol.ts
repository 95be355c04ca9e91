import type { KeyStoreErrorCode } from './errors.ts'

/** Where a token is and how it opens. The PIN stays in its file: it is read for each login and kept nowhere. */
export interface TokenPlace {
  /** Path of the vendor's PKCS #11 module (a shared library). */
  readonly module: string
  /** CKA_LABEL of the token. */
  readonly label: string
  /** File that holds the user PIN, with or without an end of line. */
  readonly pinFile: string
  /** How long a call goes on reconnecting before it gives up; default 15 s. */
  readonly retryForMs?: number
  /** Sessions, and so signatures in flight; default 8, fewer where the token offers fewer. */
  readonly maxSessions?: number
}

/** Kinds of keys that are made inside a token. */
export type TokenKeyKind = 'ec-p256' | 'rsa-2048' | 'rsa-3072'

/** What is asked of a token; keys are known by their CKA_ID. */
export type TokenTask =
  /** Logs in. Answer: nothing. */
  | { readonly do: 'open' }
  /** Makes a key pair, or finds the one an interrupted call made. Answer: SubjectPublicKeyInfo. */
  | { readonly do: 'generate'; readonly id: Uint8Array; readonly name: string; readonly kind: TokenKeyKind }
  /** Answer: SubjectPublicKeyInfo of a key pair that is there. */
  | { readonly do: 'find'; readonly id: Uint8Array }
  /** Answer: the signature over SHA-256 of the data, as `SigningKey.sign` gives it, already verified. */
  | { readonly do: 'sign'; readonly id: Uint8Array; readonly publicKey: Uint8Array; readonly data: Uint8Array }
  /** Removes a key pair. Answer: nothing; no key of this id is no fault. */
  | { readonly do: 'destroy'; readonly id: Uint8Array }

export interface TokenCall {
  readonly number: number
  readonly place: Required<TokenPlace>
  readonly task: TokenTask
}

export type TokenAnswer =
  | { readonly number: number; readonly bytes: Uint8Array }
  | { readonly number: number; readonly code: KeyStoreErrorCode; readonly message: string }
