import { useIntervalFn } from '@vueuse/core'
import { computed, ref } from 'vue'
import { ProblemError } from '@/api/problem'

const TICK_MS = 250

/** Counts down what a 429 told to wait. `refused` stays true until the next try, so that its end can be told. */
export function useWait() {
  const until = ref<number | null>(null)
  const at = ref(0)
  const { pause, resume } = useIntervalFn(
    () => {
      at.value = Date.now()
      if (secondsLeft.value === 0) pause()
    },
    TICK_MS,
    { immediate: false },
  )

  const refused = computed(() => until.value !== null)
  const secondsLeft = computed(() =>
    until.value === null ? 0 : Math.max(0, Math.ceil((until.value - at.value) / 1000)),
  )

  /** Whether the error was such a refusal. */
  function begin(error: unknown): boolean {
    if (!(error instanceof ProblemError) || error.status !== 429) return false
    at.value = Date.now()
    until.value = at.value + (error.retryAfterS ?? 1) * 1000
    resume()
    return true
  }

  function clear(): void {
    until.value = null
    pause()
  }

  return { refused, secondsLeft, begin, clear }
}
