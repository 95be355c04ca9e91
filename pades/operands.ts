import { isArray, isDictionary, isString, nameOf, numberOf, type PdfValue } from './objects.ts'

/** By a letter each: a number, a name, a string, an array of numbers, one of strings and numbers, properties (a name or a dictionary). */
const isNumber = (value: PdfValue): boolean => numberOf(value) !== null
/** Some readers keep 126 letters of a name, or 254 of its octets: longer ones are the same to them. */
const LONGEST_NAME = 80
const isName = (value: PdfValue): boolean => (nameOf(value)?.length ?? LONGEST_NAME + 1) <= LONGEST_NAME
const kinds: ReadonlyMap<string, (value: PdfValue) => boolean> = new Map([
  ['n', isNumber],
  ['N', isName],
  ['s', isString],
  ['d', (value) => isArray(value) && value.items.every(isNumber)],
  ['t', (value) => isArray(value) && value.items.every((item) => isNumber(item) || isString(item))],
  ['p', (value) => isName(value) || isDictionary(value)],
])

/** Every operator there is with the kinds of its operands (ISO 32000-2, Annex A), but for those that choose a colour in a space of their own. */
const operators: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '': 'b B b* B* BI BT BX EMC ET EX f F f* h n q Q s S T* W W*',
    n: 'g G i j J M TL Tc Tr Ts Tw Tz w',
    nn: 'd0 l m Td TD',
    nnn: 'rg RG',
    nnnn: 'k K re v y',
    nnnnnn: 'c cm d1 Tm',
    N: 'BMC CS cs Do gs MP ri sh',
    Nn: 'Tf',
    Np: 'BDC DP',
    s: "Tj '",
    nns: '"',
    t: 'TJ',
    dn: 'd',
  }).flatMap(([shape, names]) => names.split(' ').map((name) => [name, shape] as const)),
)
/** As many numbers as the space has colours (8.6.8), and the name of a pattern for some. */
const colourOperators: ReadonlyMap<string, RegExp> = new Map([
  ['SC', /^n{1,32}$/],
  ['sc', /^n{1,32}$/],
  ['SCN', /^n{0,32}N?$/],
  ['scn', /^n{0,32}N?$/],
])

export const isOperator = (operator: string): boolean => operators.has(operator) || colourOperators.has(operator)

/**
 * Whether an operator comes with the operands that it takes, no more and no fewer. Of others readers take the first, the last, or none at all.
 */
export function hasOwnOperands(operator: string, operands: readonly PdfValue[]): boolean {
  const shape = operators.get(operator)
  if (shape !== undefined)
    return shape.length === operands.length && operands.every((value, index) => kinds.get(shape[index]!)!(value))
  const letters = operands.map((value) => (isNumber(value) ? 'n' : isName(value) ? 'N' : '?')).join('')
  return colourOperators.get(operator)?.test(letters) ?? false
}
