export interface Fault {
  pointer: string
  code: string
  detail: { zh: string; en: string }
}
export type FaultCode = string
export interface ValidatedData {
  x: 1
}
export function validateLicenceData(): never {
  throw new Error()
}
