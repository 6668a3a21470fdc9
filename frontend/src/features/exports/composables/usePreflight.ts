import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import type { ExportRequest, Preflight } from '@/api/generated'
import { toProblemError } from '@/api/problem'
import { checkedOf, findingsOf } from '../findings'
import { fetchPreflight } from '../queries'

/** What the shop would refuse, asked when somebody wants to know. A check of something else is told to be old. */
export function usePreflight(request: Ref<ExportRequest>) {
  const parts = shallowRef<Preflight[]>([])
  const checkedRequest = ref('')
  const problem = shallowRef<unknown>(null)
  const busy = ref(false)
  let controller = new AbortController()

  const findings = computed(() => findingsOf(parts.value))
  const last = computed(() => parts.value.at(-1) ?? null)
  const isOld = computed(() => checkedRequest.value !== '' && checkedRequest.value !== JSON.stringify(request.value))

  async function ask(cursor: string | null): Promise<void> {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    const asked = request.value
    busy.value = true
    problem.value = null
    try {
      const part = await fetchPreflight(asked, cursor, signal)
      parts.value = cursor === null ? [part] : [...parts.value, part]
      checkedRequest.value = JSON.stringify(asked)
    } catch (error) {
      if (!signal.aborted) problem.value = toProblemError(error)
    } finally {
      if (!signal.aborted) busy.value = false
    }
  }

  onScopeDispose(() => controller.abort())

  return {
    findings,
    last,
    isOld,
    problem,
    busy,
    checked: computed(() => checkedOf(parts.value)),
    check: () => ask(null),
    goOn: () => ask(last.value?.next_cursor ?? null),
  }
}
