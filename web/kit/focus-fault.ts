import { nextTick } from 'vue'

/** Leads to the first field that is marked wrong, once the marks are drawn. */
export async function focusFirstFault(form: HTMLElement | undefined): Promise<void> {
  await nextTick()
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
