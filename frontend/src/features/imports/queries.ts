import { defineQueryOptions } from '@pinia/colada'
import {
  getImport,
  getPhotoArchive,
  listFailedRows,
  listImports,
  listPhotoArchiveFiles,
  listPhotoArchives,
  previewImport,
  type PhotoArchiveFileRead,
} from '@/api/generated'

export type FileOutcome = PhotoArchiveFileRead['outcome']

/** All query keys of this feature, from the general to the special. */
export const importKeys = {
  list: ['imports', 'list'],
  one: (id: string) => ['imports', 'one', id],
  preview: (id: string) => ['imports', 'one', id, 'preview'],
  errors: (id: string) => ['imports', 'one', id, 'errors'],
  archives: ['photo-archives', 'list'],
  archive: (id: string) => ['photo-archives', 'one', id],
  archiveFiles: (id: string, outcome: FileOutcome | null) => ['photo-archives', 'one', id, 'files', outcome],
}

const LISTED = 50

export const importsQuery = defineQueryOptions({
  key: importKeys.list,
  query: async ({ signal }) => (await listImports({ query: { limit: LISTED }, signal, throwOnError: true })).data,
})

export const importQuery = defineQueryOptions((id: string) => ({
  key: importKeys.one(id),
  query: async ({ signal }) => (await getImport({ path: { import_id: id }, signal, throwOnError: true })).data,
}))

export const previewQuery = defineQueryOptions((id: string) => ({
  key: importKeys.preview(id),
  // It changes with the import only, and each change answers with the new one.
  staleTime: Infinity,
  query: async ({ signal }) => (await previewImport({ path: { import_id: id }, signal, throwOnError: true })).data,
}))

export async function fetchErrors(id: string, cursor: string | null, signal?: AbortSignal) {
  const query = { limit: LISTED, cursor }
  return (await listFailedRows({ path: { import_id: id }, query, signal, throwOnError: true })).data
}

export const archivesQuery = defineQueryOptions({
  key: importKeys.archives,
  query: async ({ signal }) => (await listPhotoArchives({ query: { limit: LISTED }, signal, throwOnError: true })).data,
})

export const archiveQuery = defineQueryOptions((id: string) => ({
  key: importKeys.archive(id),
  query: async ({ signal }) => (await getPhotoArchive({ path: { archive_id: id }, signal, throwOnError: true })).data,
}))

export async function fetchArchiveFiles(
  id: string,
  outcome: FileOutcome | null,
  cursor: string | null,
  signal?: AbortSignal,
) {
  const query = { outcome, limit: 100, cursor }
  return (await listPhotoArchiveFiles({ path: { archive_id: id }, query, signal, throwOnError: true })).data
}
