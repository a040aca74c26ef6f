/**
 * People who come from other products, or leave for them: files of several vendors are read into one
 * kind of record, checked, and added; everybody is written as a file that can be read again.
 */
export {
  type ExportFormat,
  exportedName,
  exportFormats,
  type Format,
  formats,
} from './contract.ts'
export { exportUsers } from './export.ts'
export { exportTask } from './export-task.ts'
export { importUsers } from './import.ts'
