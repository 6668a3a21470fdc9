const TABLES = ['csv', 'tsv', 'txt', 'xlsx', 'xls', 'xlsm', 'ods']

/** What is offered in the dialog that chooses a file. */
export const ACCEPTED = [...TABLES.map((ending) => `.${ending}`), '.zip'].join(',')

/** A ZIP is of photos; everything else is tried as a table, and the server says what is wrong with it. */
export function kindOf(fileName: string): 'table' | 'photos' {
  return fileName.toLowerCase().endsWith('.zip') ? 'photos' : 'table'
}
