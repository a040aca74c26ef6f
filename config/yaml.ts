import { Document, isScalar, Scalar, visit } from 'yaml'

/** Blanks at the edges of lines are easily lost in a block of lines, by people and by parsers. */
const hasEdges = /^\s|[ \t]\n|\s$(?<!\S\n$)/

/** A configuration as YAML, texts of several lines as such. */
export const toYaml = (value: unknown): string => {
  const document = new Document(value)
  visit(document, {
    Scalar(_, node) {
      if (!isScalar(node) || typeof node.value !== 'string') return
      if (hasEdges.test(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}
