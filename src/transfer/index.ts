/**
 * People who come from other products, or leave for them: files of several vendors are read into one
 * kind of record, checked, and added; everybody is written as a file that can be read again.
 */
export {
  type ExportFormat,
  exportFormats,
  exportOptions,
  type Format,
  formats,
} from './contract.ts'
export { exportTask, exportUsers, exportWork } from './export.ts'
export { importUsers } from './import.ts'
