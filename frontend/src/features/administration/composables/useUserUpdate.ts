import { useToast } from '@nuxt/ui/composables'
import { useMutation, useQueryCache } from '@pinia/colada'
import { useI18n } from 'vue-i18n'
import { updateUser, type UserRead, type UserUpdate } from '@/api/generated'
import { keys } from '@/api/queries'
import { useInvalidate } from '@/composables/useInvalidate'
import { useProblemToast } from '@/composables/useProblems'
import type { UserPage } from './useUserList'

interface Change {
  user: UserRead
  changes: UserUpdate
}

const LISTS = [...keys.users, 'list']

/** Change a user: shown at once, taken back where the server refuses. */
export function useUserUpdate() {
  const { t } = useI18n()
  const toast = useToast()
  const queryCache = useQueryCache()
  const invalidate = useInvalidate()
  const showProblem = useProblemToast()

  function show(changed: UserRead): void {
    for (const entry of queryCache.getEntries({ key: LISTS })) {
      const data = entry.state.value.data as { pages: UserPage[]; pageParams: unknown[] } | undefined
      if (data === undefined) continue
      const pages = data.pages.map((page) => ({
        ...page,
        items: page.items.map((user) => (user.id === changed.id ? changed : user)),
      }))
      queryCache.setQueryData(entry.key, { ...data, pages })
    }
  }

  const update = useMutation({
    mutation: async ({ user, changes }: Change) =>
      (await updateUser({ path: { user_id: user.id }, body: changes, throwOnError: true })).data,
    onMutate: ({ user, changes }) => {
      queryCache.cancelQueries({ key: LISTS })
      show({
        ...user,
        name: changes.name ?? user.name,
        role: changes.role ?? user.role,
        active: changes.active ?? user.active,
        language: changes.language ?? user.language,
      })
    },
    onSuccess: (data) => show(data),
    onError: (_error, { user }) => show(user),
    onSettled: async () => {
      await invalidate(keys.users)
      await invalidate(keys.people)
    },
  })

  /** A change of role can be taken back by one click; the sessions that it ended stay ended. */
  async function change(user: UserRead, changes: UserUpdate): Promise<void> {
    const data = await update.mutateAsync({ user, changes })
    toast.add({
      title: titleOf(user, data),
      icon: 'i-lucide-check',
      color: 'success',
      actions:
        data.role === user.role
          ? undefined
          : [
              {
                label: t('common.undo'),
                color: 'neutral',
                variant: 'outline',
                onClick: () => void change(data, { role: user.role }).catch(showProblem),
              },
            ],
    })
  }

  function titleOf(before: UserRead, after: UserRead): string {
    const { name } = after
    if (before.role !== after.role) return t('administration.roleChanged', { name, role: t(`roles.${after.role}`) })
    if (before.active === after.active) return t('administration.userChanged', { name })
    return after.active ? t('administration.activated', { name }) : t('administration.deactivated', { name })
  }

  return { change }
}
