import { useToast } from '@nuxt/ui/composables'
import { useQueryCache } from '@pinia/colada'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import {
  addFact,
  confirmFact,
  correctFact,
  deleteFact,
  editFact,
  rejectFact,
  settleConflict,
  takeDecisionBack,
  type ConflictRead,
  type ConflictSettle,
  type FactCorrection,
  type FactWrite,
  type MergedFactRead,
} from '@/api/generated'
import { toProblemError } from '@/api/problem'
import { keys } from '@/api/queries'
import { labelOf } from '@/components/evidence/claims'
import { useInvalidate } from '@/composables/useInvalidate'
import { useProblemToast } from '@/composables/useProblems'

const CONFLICT_CHANGED = '/problems/conflict-changed'

/** What people decide about a product's facts. Each decision shows at once, and its toast takes it back. */
export function useFactDecisions(productId: () => string) {
  const { t } = useI18n()
  const toast = useToast()
  const queryCache = useQueryCache()
  const invalidate = useInvalidate()
  const showProblem = useProblemToast()
  /** Of the conflicts that changed while somebody looked at them. */
  const changedConflicts = ref(new Set<string>())

  async function reload(): Promise<void> {
    const id = productId()
    await Promise.all([
      ...(['facts', 'conflicts', 'decisions', 'listings'] as const).map((part) =>
        invalidate(keys.productPart(id, part)),
      ),
      invalidate(keys.productLists),
    ])
  }

  function told(title: string, undo?: () => Promise<unknown>): void {
    toast.add({
      title,
      icon: 'i-lucide-check',
      color: 'success',
      actions: undo && [
        {
          label: t('common.undo'),
          color: 'neutral',
          variant: 'outline',
          onClick: () => void undo().catch(showProblem),
        },
      ],
    })
  }

  async function takeBack(decisionId: string): Promise<void> {
    try {
      await takeDecisionBack({ path: { product_id: productId(), decision_id: decisionId }, throwOnError: true })
      toast.add({ title: t('decisions.takenBack'), icon: 'i-lucide-undo-2', color: 'neutral' })
    } finally {
      await reload()
    }
  }

  /** Show a status before the server has agreed, and the former one where it does not. */
  function showAs(fact: MergedFactRead, status: MergedFactRead['status']): () => void {
    const key = keys.productPart(productId(), 'facts')
    const before = queryCache.getQueryData<MergedFactRead[]>(key)
    queryCache.setQueryData(
      key,
      before?.map((each) => (each.id === fact.id ? { ...each, status, disputed: false } : each)),
    )
    return () => queryCache.setQueryData(key, before)
  }

  async function judge(fact: MergedFactRead, verdict: 'confirm' | 'reject'): Promise<void> {
    const rollBack = showAs(fact, verdict === 'confirm' ? 'used' : 'rejected')
    const request = {
      path: { product_id: productId(), fact_id: fact.id },
      body: {},
      throwOnError: true,
    } as const
    try {
      const { data } = await (verdict === 'confirm' ? confirmFact(request) : rejectFact(request))
      const { decision } = data
      told(t(`facts.done.${verdict}`, { name: labelOf(fact) }), decision ? () => takeBack(decision.id) : undefined)
    } catch (error) {
      rollBack()
      showProblem(error)
    } finally {
      void reload()
    }
  }

  /** Throws where the server refuses: the form that asked shows it. */
  async function stored(name: string, write: () => Promise<{ data: MergedFactRead }>): Promise<void> {
    const { data } = await write()
    const { decision } = data
    told(t('facts.done.stored', { name }), decision ? () => takeBack(decision.id) : undefined)
    void reload()
  }

  const add = (body: FactWrite) =>
    stored(body.name, () => addFact({ path: { product_id: productId() }, body, throwOnError: true }))

  const correct = (fact: MergedFactRead, body: FactCorrection) =>
    stored(labelOf(fact), () =>
      correctFact({ path: { product_id: productId(), fact_id: fact.id }, body, throwOnError: true }),
    )

  const edit = (fact: MergedFactRead, body: FactWrite) =>
    stored(labelOf(fact), () =>
      editFact({ path: { product_id: productId(), fact_id: fact.id }, body, throwOnError: true }),
    )

  async function remove(fact: MergedFactRead): Promise<void> {
    try {
      await deleteFact({ path: { product_id: productId(), fact_id: fact.id }, throwOnError: true })
      const { label: name, value, unit } = fact
      told(t('facts.done.removed', { name: labelOf(fact) }), () => add({ name, value, unit }))
    } catch (error) {
      showProblem(error)
    } finally {
      void reload()
    }
  }

  async function settle(conflict: ConflictRead, answer: Omit<ConflictSettle, 'options_version'>): Promise<void> {
    const key = keys.productPart(productId(), 'conflicts')
    const before = queryCache.getQueryData<ConflictRead[]>(key)
    queryCache.setQueryData(
      key,
      before?.filter(({ id }) => id !== conflict.id),
    )
    changedConflicts.value.delete(conflict.id)
    try {
      const { data } = await settleConflict({
        path: { product_id: productId(), conflict_id: conflict.id },
        body: { ...answer, options_version: conflict.options_version },
        throwOnError: true,
      })
      const { settled } = data
      told(t('conflicts.done', { name: labelOf(conflict) }), settled ? () => takeBack(settled.id) : undefined)
    } catch (error) {
      queryCache.setQueryData(key, before)
      // It is told at the conflict itself, beside the values as they are now.
      if (toProblemError(error).type === CONFLICT_CHANGED) changedConflicts.value.add(conflict.id)
      else showProblem(error)
    } finally {
      await reload()
    }
  }

  return {
    changedConflicts,
    confirm: (fact: MergedFactRead) => judge(fact, 'confirm'),
    reject: (fact: MergedFactRead) => judge(fact, 'reject'),
    add,
    correct,
    edit,
    remove,
    settle,
    takeBack: (id: string) => takeBack(id).catch(showProblem),
  }
}

export type FactDecisions = ReturnType<typeof useFactDecisions>
