/**
 * A fresh random key of 128 bits in hexadecimal, for `Idempotency-Key`.
 * Not `crypto.randomUUID`: that one is missing when the page is opened by plain HTTP from another machine.
 */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
