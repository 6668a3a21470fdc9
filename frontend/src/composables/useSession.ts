import { computed, readonly, ref } from 'vue'
import { me, signIn, signOut, type Me } from '@/api/generated'
import { ProblemError } from '@/api/problem'

const current = ref<Me | null>(null)

/** Who is signed in; one answer for the whole app. */
export function useSession() {
  const canEdit = computed(() => current.value !== null && current.value.role !== 'viewer')
  const isAdmin = computed(() => current.value?.role === 'admin')

  /** Whether there is a session. Asks the server once; any other trouble than 401 is thrown. */
  async function restore(): Promise<boolean> {
    if (current.value) return true
    try {
      current.value = (await me({ throwOnError: true })).data
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return false
      throw error
    }
  }

  async function enter(token: string): Promise<void> {
    current.value = (await signIn({ body: { token }, throwOnError: true })).data
  }

  async function enterByPassword(email: string, password: string): Promise<void> {
    current.value = (await signIn({ body: { email, password }, throwOnError: true })).data
  }

  /** What the server has just said about the person: after an invitation, or a change of their own. */
  function adopt(me: Me): void {
    current.value = me
  }

  async function leave(): Promise<void> {
    await signOut({ throwOnError: true })
    current.value = null
  }

  function forget(): void {
    current.value = null
  }

  return { user: readonly(current), canEdit, isAdmin, restore, enter, enterByPassword, adopt, leave, forget }
}
