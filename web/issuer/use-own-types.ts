import { computed, onMounted } from 'vue'
import { say } from '../kit/language.ts'
import { account } from '../kit/session.ts'
import { useLoaded } from '../kit/use-loaded.ts'
import { readCatalogue } from './licences.ts'

/** The licence types there are, and which of them the own department issues; codes stand for names until they come. */
export function useOwnTypes() {
  const { value: all, load } = useLoaded(readCatalogue)
  onMounted(load)
  const types = computed(() =>
    (all.value ?? []).filter(({ issuers }) => issuers.some(({ code }) => code === account.value?.departmentCode)),
  )
  const nameOf = (typeCode: string): string => {
    const type = all.value?.find((one) => one.typeCode === typeCode)
    return type ? say(type.name) : typeCode
  }
  return { types, nameOf }
}
