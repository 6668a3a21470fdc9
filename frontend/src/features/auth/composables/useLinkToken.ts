import { onMounted, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { emailOf, tokenOf } from '../signInLink'

/**
 * The token of the one-time link that led here. It is taken out of the address bar at once, so that it stays in no
 * history, no bookmark and no screenshot; a reload needs the link again.
 */
export function useLinkToken(onToken?: (token: string) => void | Promise<void>) {
  const route = useRoute()
  const router = useRouter()
  const page = route.name ?? undefined
  const token = ref<string | null>(null)
  const email = ref<string | null>(null)
  const looked = ref(false)

  async function take(): Promise<void> {
    const found = route.name === page ? tokenOf(route.hash) : null
    if (found !== null) {
      token.value = found
      email.value = emailOf(route.hash)
      await router.replace({ name: page, query: route.query })
    }
    looked.value = true
    if (found !== null) await onToken?.(found)
  }

  onMounted(take)
  // A second link pasted into the same tab changes the fragment only.
  watch(() => route.hash, take)

  return { token, email, looked }
}
