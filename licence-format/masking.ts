// What a public check may show of a holder: enough to recognise oneself, too little to learn who it is.

/** GB/T 36903 code type of a unified social credit code: the holder is an organisation, and organisations are public. */
export const CREDIT_CODE_TYPE = '001'

/** GB/T 36903 code type of a citizen's identity number. */
export const IDENTITY_NUMBER_TYPE = '111'

const OTHER_ORGANISATION_TYPE = '099'

/** Whether a holder with this code type is an organisation, whose name and code are public. */
export function isOrganisation(codeType: string): boolean {
  return codeType === CREDIT_CODE_TYPE || codeType === OTHER_ORGANISATION_TYPE
}

/** A person's name with all but the first and last character hidden: 张三 → 张*, 张小三 → 张*三, 欧阳小三 → 欧**三. */
export function maskName(name: string): string {
  const characters = [...name.trim()]
  if (characters.length === 0) return ''
  if (characters.length <= 2) return `${characters[0]}*`
  return `${characters[0]}${'*'.repeat(Math.min(characters.length - 2, 6))}${characters.at(-1)}`
}

/** A code with all but its first 3 and last 4 characters hidden; short codes keep less, never more than half. */
export function maskCode(code: string): string {
  const characters = [...code]
  const head = characters.length >= 14 ? 3 : Math.floor(characters.length / 4)
  const tail = characters.length >= 14 ? 4 : Math.floor(characters.length / 4)
  return (
    characters.slice(0, head).join('') +
    '*'.repeat(characters.length - head - tail) +
    (tail === 0 ? '' : characters.slice(-tail).join(''))
  )
}

/** A holder's name as the public sees it: people masked, organisations in full. */
export function publicHolderName(holder: { readonly name: string; readonly codeType: string }): string {
  return isOrganisation(holder.codeType) ? holder.name : maskName(holder.name)
}
