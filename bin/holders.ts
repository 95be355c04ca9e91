// Who holders of licences are: a provider's claims go in, the register's keyed hash comes out, and the number stays nowhere.
import { readFile } from 'node:fs/promises'
import type { HolderFacts, HolderLoginOptions } from '../directory/index.ts'
import type { MacKey } from '../key-store/index.ts'
import {
  CREDIT_CODE_TYPE,
  IDENTITY_NUMBER_TYPE,
  isCreditCode,
  isIdentityNumber,
  isOrganisation,
  publicHolderName,
} from '../licence-format/index.ts'
import { foldHolderCode, holderKeyOf } from '../licence-service/index.ts'
import type { OidcConfig } from '../platform/index.ts'

export async function holderLoginOf(
  mac: MacKey,
  { oidc, leastAssurance }: { readonly oidc?: OidcConfig | undefined; readonly leastAssurance?: number | undefined },
): Promise<HolderLoginOptions> {
  return {
    leastAssurance,
    oidc: oidc && { ...oidc, clientKeyPem: oidc.clientKey && (await readFile(oidc.clientKey, 'utf8')) },
    holderOf({ codeType, code, name }: HolderFacts) {
      const number = foldHolderCode(code)
      // Some identity numbers would also pass as credit codes.
      const isCompany = isCreditCode(number) && !isIdentityNumber(number)
      const type = codeType || (isCompany ? CREDIT_CODE_TYPE : IDENTITY_NUMBER_TYPE)
      return {
        key: holderKeyOf({ keys: { mac } }, number),
        maskedName: publicHolderName({ name, codeType: type }),
        isCompany: isOrganisation(type),
      }
    },
  }
}
